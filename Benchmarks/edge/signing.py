"""Keys, certificates and signed cookies, made with the openssl program."""
import base64
import json
import subprocess
import time

KEY_PAIR_ID = "KBENCHMARK00001"


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, check=True, capture_output=True).stdout


def make_certificate(directory):
    """A P-256 certificate for every server alike; returns the two files."""
    certificate, key = directory / "certificate.pem", directory / "certificate-key.pem"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", key, "-out", certificate)
    return certificate, key


def make_signing_key(directory):
    """An RSA key such as CloudFront's signers use; returns the private and the public file."""
    private, public = directory / "signing-key.pem", directory / "signing-public.pem"
    openssl("genrsa", "-out", private, "2048")
    openssl("rsa", "-in", private, "-pubout", "-out", public)
    return private, public


def cookies(private_key, resource):
    """The value of a `Cookie` field with a custom policy that lasts a day."""
    policy = json.dumps({"Statement": [{"Resource": resource, "Condition": {
        "DateLessThan": {"AWS:EpochTime": int(time.time()) + 86_400}}}]}, separators=(",", ":")).encode()
    signature = openssl("dgst", "-sha1", "-sign", private_key, stdin=policy)
    return (f"CloudFront-Policy={encoded(policy)}; CloudFront-Signature={encoded(signature)}; "
            f"CloudFront-Key-Pair-Id={KEY_PAIR_ID}")


def encoded(data):
    return base64.b64encode(data).decode().translate(str.maketrans("+=/", "-_~"))
