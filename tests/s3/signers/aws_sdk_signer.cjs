// Signs what standard input lists (JSON, see foreign_signers_test.py) with @aws-sdk and prints the answers: a form and a
// link for each item, the signature of a given policy, and a link of the SDK's own shape. No network.
//   node aws_sdk_signer.cjs DIRECTORY-OF-NODE_MODULES <items.json
const {createRequire} = require('node:module');
const {readFileSync} = require('node:fs');
const load = createRequire(`${process.argv[2]}/`);
const {S3Client, GetObjectCommand} = load('@aws-sdk/client-s3');
const {createPresignedPost} = load('@aws-sdk/s3-presigned-post');
const {S3RequestPresigner, getSignedUrl} = load('@aws-sdk/s3-request-presigner');

// createPresignedPost takes its time from Date alone.
let frozen = 0;
class FrozenDate extends Date {
  constructor(...given) { given.length ? super(...given) : super(frozen); }
  static now() { return frozen; }
}
globalThis.Date = FrozenDate;

const post = async (client, item) => {
  const Fields = {'Content-Type': item.content_type};
  if (item.sha256) Fields['x-amz-meta-sha256'] = item.sha256;
  const Conditions = [['content-length-range', 0, item.max_bytes]];
  return createPresignedPost(client, {Bucket: item.bucket, Key: item.key, Fields, Conditions, Expires: 900});
};

// The same request as ours: only what every link must have, and `host` alone signed.
const sameLink = async (client, item) => {
  const url = new URL(item.get.url);
  const query = Object.fromEntries(Object.entries(item.get.query).filter(([name]) => !name.startsWith('X-Amz-')));
  const request = {method: 'GET', protocol: url.protocol, hostname: url.hostname, port: Number(url.port),
                   path: url.pathname, query, headers: {}};
  request.clone = () => ({...request, headers: {...request.headers}, query: {...request.query}});
  const outside = () => new Set(['x-amz-content-sha256']);
  const signer = new S3RequestPresigner({...client.config});
  const signed = await signer.presign(request, {expiresIn: item.get.lifetime, unsignableHeaders: outside(),
                                                unhoistableHeaders: outside()});
  return signed.query;
};

const signature = async (client, item) => {
  const signer = new S3RequestPresigner({...client.config}).signer;
  const made = signer.sigv4Signer ?? signer;
  return made.sign(item.policy, {signingDate: new Date(), signingRegion: item.region, signingService: 's3'});
};

const main = async () => {
  const answers = [];
  for (const item of JSON.parse(readFileSync(0, 'utf8'))) {
    frozen = Date.parse(item.now);
    const client = new S3Client({region: item.region, endpoint: item.endpoint, forcePathStyle: true,
                                 credentials: {accessKeyId: item.key_id, secretAccessKey: item.secret}});
    const answer = {post: await post(client, item), signature: await signature(client, item)};
    if (item.get) {
      answer.get = await sameLink(client, item);
      answer.own_link = await getSignedUrl(client, new GetObjectCommand({Bucket: item.bucket, Key: item.get.key}),
                                           {expiresIn: 900});
    }
    answers.push(answer);
  }
  console.log(JSON.stringify(answers));
};
main();
