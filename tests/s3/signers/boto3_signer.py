"""Signs what standard input lists (JSON, see foreign_signers_test.py) with boto3 and prints the answers: a form and a
link for each item, and the signature of a given policy. No network."""
import datetime
import json
import sys

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.signers
from botocore.config import Config


def freeze(now):
    for module in (botocore.auth, botocore.signers):
        module.get_current_datetime = lambda *_args, **_kwargs: now


def signature(item, now):
    signer = botocore.auth.S3SigV4PostAuth(
        botocore.credentials.Credentials(item["key_id"], item["secret"]), "s3", item["region"])
    request = botocore.awsrequest.AWSRequest()
    request.context["timestamp"] = now.strftime("%Y%m%dT%H%M%SZ")
    return signer.signature(item["policy"], request)


def answer(item):
    now = datetime.datetime.fromisoformat(item["now"].replace("Z", "+00:00"))
    freeze(now)
    client = boto3.client("s3", region_name=item["region"], endpoint_url=item["endpoint"],
                          aws_access_key_id=item["key_id"], aws_secret_access_key=item["secret"],
                          config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    fields, conditions = {"Content-Type": item["content_type"]}, [{"Content-Type": item["content_type"]}]
    conditions.append(["content-length-range", 0, item["max_bytes"]])
    if item.get("sha256"):
        fields["x-amz-meta-sha256"] = item["sha256"]
        conditions.append({"x-amz-meta-sha256": item["sha256"]})
    out = {"post": client.generate_presigned_post(item["bucket"], item["key"], fields, conditions, 900),
           "signature": signature(item, now)}
    if item.get("get"):
        query = item["get"]["query"]
        parameters = {"Bucket": item["bucket"], "Key": item["get"]["key"],
                      "ResponseContentDisposition": query["response-content-disposition"],
                      "ResponseContentType": query["response-content-type"]}
        out["own_link"] = client.generate_presigned_url("get_object", parameters, item["get"]["lifetime"])
    return out


print(json.dumps([answer(item) for item in json.load(sys.stdin)]))
