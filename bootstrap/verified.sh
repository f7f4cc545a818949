#!/usr/bin/env bash
# Runs a script from S3 if it is the one that was deployed. Each bootstrap action of the orchestrator goes through this.
# Ends as the script ends, or before it: 64 wrong usage, 69 the script cannot be fetched, 65 it is another one.
#
# usage: verified.sh s3://BUCKET/KEY SHA256 [ARG...]
set -euo pipefail

refuse() { # CODE MESSAGE
  echo "verified.sh: $2" >&2
  exit "$1"
}

[ $# -ge 2 ] || refuse 64 "expected s3://BUCKET/KEY SHA256 [ARG...], got $# arguments"
uri=$1 expected=$2
shift 2
[[ $uri =~ ^s3://[^/]+/(.*/)?[A-Za-z0-9._-]+$ ]] || refuse 64 "expected s3://BUCKET/KEY of a script, got '$uri'"
[[ $expected =~ ^[0-9a-f]{64}$ ]] || refuse 64 "expected a SHA-256 in 64 hexadecimal digits, got '$expected'"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
script=$folder/${uri##*/}

fetch() {
  if command -v aws >/dev/null; then
    # Where an endpoint is set it is no AWS: an old client would not know the variable, and ask the real one.
    aws s3 cp --only-show-errors ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$uri" "$script"
  else # a laptop
    python3 -c '
import sys
import boto3
bucket, _, key = sys.argv[1].removeprefix("s3://").partition("/")
boto3.client("s3").download_file(bucket, key, sys.argv[2])
' "$uri" "$script"
  fi
}
fetch >&2 || refuse 69 "$uri: cannot be fetched, see above; the instance profile needs s3:GetObject on it"

if command -v sha256sum >/dev/null; then met=$(sha256sum <"$script"); else met=$(shasum -a 256 <"$script"); fi
met=${met%% *}
[ "$met" = "$expected" ] || refuse 65 "$uri: expected SHA-256 $expected, got $met; it was not run. Deploy it again"

chmod 700 "$script"
"$script" "$@"
