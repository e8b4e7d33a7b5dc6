// The main job through the client that openapi-generator's typescript-fetch made (the folder client beside this file):
// presign, upload, register, list, read back, and a card. Called with a file; prints what came back as JSON.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { BlobsApi, CardsApi, Configuration, RawApi, type Env } from "./client/index.js";

const [path, card] = process.argv.slice(2) as [string, string];
const given = process.env as Record<string, string>;
const content = readFileSync(path);
const context = { xTenantId: given["NEXUS_TENANT"]!, xEnv: given["NEXUS_ENV"] as Env };
const settings = new Configuration({ basePath: given["NEXUS_ADDR"]!, accessToken: given["NEXUS_TOKEN"]! });
const raw = new RawApi(settings), blobs = new BlobsApi(settings), cards = new CardsApi(settings);

const presigned = await raw.rawPresignUpload({
  ...context, presignedUploadCreate: { filename: basename(path), contentType: "text/x-probe" },
});
const field = (name: string): string => presigned.fields[name]!;
await blobs.blobsPost({
  bucket: "nexus", key: field("key"), contentType: field("Content-Type"), xAmzAlgorithm: field("x-amz-algorithm"),
  xAmzCredential: field("x-amz-credential"), xAmzDate: field("x-amz-date"), policy: field("policy"),
  xAmzSignature: field("x-amz-signature"), file: new Blob([content]),
});
const registered = await raw.rawRegister({
  ...context, rawAssetRegister: { assetId: presigned.assetId, filename: presigned.filename },
});
const listed = await raw.rawList(context);
const shown = await raw.rawShow({ ...context, assetId: registered.assetId });
const link = await fetch(`${given["NEXUS_ADDR"]}/nexus/raw/${registered.assetId}/download`, {
  redirect: "manual",
  headers: { Authorization: `Bearer ${given["NEXUS_TOKEN"]}`, "X-Tenant-Id": context.xTenantId, "X-Env": context.xEnv },
});
const made = await cards.cardsCreate({ ...context, body: card });
const read = await cards.cardsShow({ ...context, cardId: made.cardId });
const fetched = await (await fetch(link.headers.get("Location")!)).arrayBuffer();
console.log(JSON.stringify({
  asset_id: shown.assetId, listed: listed.items.map((one) => one.assetId), sha256: shown.sha256,
  size_bytes: shown.sizeBytes, content_type: shown.contentType, status: shown.status,
  content: Buffer.from(fetched).toString("base64"), card_id: read.cardId, card: read.fullText,
}));
