// The main job through openapi-fetch and the types that openapi-typescript made (schema.d.ts beside this file):
// presign, upload, register, list, read back, and a card. Called with a file; prints what came back as JSON.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const [path, card] = process.argv.slice(2) as [string, string];
const given = process.env as Record<string, string>;
const content = readFileSync(path);
const context = { "X-Tenant-Id": given["NEXUS_TENANT"]!, "X-Env": given["NEXUS_ENV"] as components["schemas"]["Env"] };
const client = createClient<paths>({
  baseUrl: given["NEXUS_ADDR"]!,
  headers: { Authorization: `Bearer ${given["NEXUS_TOKEN"]}` },
});

/** What was answered, or an error that holds the problem. */
async function need<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

/** A form in the order of its fields, the file last. */
function formOf(body: Record<string, string | Blob>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(body)) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, value, basename(path));
  }
  return form;
}

const presigned = await need(client.POST("/nexus/raw/presign-upload", {
  params: { header: context }, body: { filename: basename(path), content_type: "text/x-probe" },
}));
// Types made from a document know a file as a string; its fields are those that presigning answered.
const upload = { ...presigned.fields, file: new Blob([content]) as unknown as string };
const uploaded = await client.POST("/blobs/{bucket}", {
  params: { path: { bucket: "nexus" } },
  body: upload as unknown as components["schemas"]["BlobUpload"],
  bodySerializer: (body) => formOf(body as unknown as Record<string, string | Blob>),
});
if (uploaded.response.status !== 204) throw new Error(`upload: ${uploaded.response.status}`);
const registered = await need(client.POST("/nexus/raw/register", {
  params: { header: context }, body: { asset_id: presigned.asset_id, filename: presigned.filename },
}));
const asset = { asset_id: registered.asset_id };
const listed = await need(client.GET("/nexus/raw", { params: { header: context } }));
const shown = await need(client.GET("/nexus/raw/{asset_id}", { params: { header: context, path: asset } }));
const link = await client.GET("/nexus/raw/{asset_id}/download", {
  params: { header: context, path: asset }, redirect: "manual",
});
const made = await need(client.POST("/nexus/cards", {
  params: { header: context }, body: card, bodySerializer: (text) => text, headers: { "Content-Type": "text/markdown" },
}));
const read = await need(client.GET("/nexus/cards/{card_id}", {
  params: { header: context, path: { card_id: made.card_id } },
}));
const fetched = await (await fetch(link.response.headers.get("Location")!)).arrayBuffer();
console.log(JSON.stringify({
  asset_id: shown.asset_id, listed: listed.items.map((one) => one.asset_id), sha256: shown.sha256,
  size_bytes: shown.size_bytes, content_type: shown.content_type, status: shown.status,
  content: Buffer.from(fetched).toString("base64"), card_id: read.card_id, card: read.full_text,
}));
