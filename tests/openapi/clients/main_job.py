"""The main job through the client that openapi-python-client made (the package nexus_client beside this file): presign,
upload, register, list, read back, and a card. Called with a file; prints what came back as JSON. Checked by mypy."""
import base64
import json
import os
import sys
from io import BytesIO
from typing import TypeVar

import httpx
from nexus_client import AuthenticatedClient
from nexus_client.api.blobs import blobs_post
from nexus_client.api.cards import cards_show
from nexus_client.api.raw import raw_download, raw_list, raw_presign_upload, raw_register, raw_show
from nexus_client.models.blob_upload import BlobUpload
from nexus_client.models.card import Card
from nexus_client.models.env import Env
from nexus_client.models.presigned_upload import PresignedUpload
from nexus_client.models.presigned_upload_create import PresignedUploadCreate
from nexus_client.models.raw_asset import RawAsset
from nexus_client.models.raw_asset_page import RawAssetPage
from nexus_client.models.raw_asset_register import RawAssetRegister
from nexus_client.types import File

T = TypeVar("T")
TENANT, ENV = os.environ["NEXUS_TENANT"], Env(os.environ["NEXUS_ENV"])


def expect(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise SystemExit(f"no {kind.__name__} but {value!r}")
    return value


def main(path: str, card: str) -> None:
    client = AuthenticatedClient(base_url=os.environ["NEXUS_ADDR"], token=os.environ["NEXUS_TOKEN"])
    with open(path, "rb") as file:
        content = file.read()
    wish = PresignedUploadCreate(filename=os.path.basename(path), content_type="text/x-probe")
    presigned = expect(PresignedUpload, raw_presign_upload.sync(
        client=client, body=wish, x_tenant_id=TENANT, x_env=ENV))
    form = BlobUpload.from_dict({**presigned.fields.to_dict(), "file": b""})
    form.file = File(BytesIO(content), os.path.basename(path), "application/octet-stream")
    uploaded = blobs_post.sync_detailed("nexus", client=client, body=form)
    if uploaded.status_code != 204:
        raise SystemExit(f"upload: {uploaded.status_code} {uploaded.content!r}")
    wanted = RawAssetRegister(asset_id=presigned.asset_id, filename=presigned.filename)
    registered = expect(RawAsset, raw_register.sync(client=client, body=wanted, x_tenant_id=TENANT, x_env=ENV))
    listed = expect(RawAssetPage, raw_list.sync(client=client, x_tenant_id=TENANT, x_env=ENV))
    shown = expect(RawAsset, raw_show.sync(registered.asset_id, client=client, x_tenant_id=TENANT, x_env=ENV))
    link = raw_download.sync_detailed(registered.asset_id, client=client, x_tenant_id=TENANT, x_env=ENV)
    made = create_card(client, card)
    read = expect(Card, cards_show.sync(made.card_id, client=client, x_tenant_id=TENANT, x_env=ENV))
    print(json.dumps({
        "asset_id": shown.asset_id, "listed": [asset.asset_id for asset in listed.items], "sha256": shown.sha256,
        "size_bytes": shown.size_bytes, "content_type": shown.content_type, "status": str(shown.status.value),
        "content": base64.b64encode(httpx.get(link.headers["Location"]).content).decode(),
        "card_id": read.card_id, "card": read.full_text}))


def create_card(client: AuthenticatedClient, text: str) -> Card:
    """openapi-python-client makes no function for bodies of text: its own HTTP client sends them."""
    answer = client.get_httpx_client().post("/nexus/cards", content=text.encode(), headers={
        "Content-Type": "text/markdown", "X-Tenant-Id": TENANT, "X-Env": ENV.value})
    if answer.status_code != 201:
        raise SystemExit(f"card: {answer.status_code} {answer.text}")
    return Card.from_dict(answer.json())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
