"""A weir-origin whose control log edges follow, and CloudFront's calls as its SDKs sign them."""
import datetime
import hashlib
import hmac
import http.client
import json
import re
import secrets

import servers
from ports import free_port
from processes import Program

REGION = "eu-central-1"
ADMIN, EDGE = ("AKIAADMIN", "secret-of-the-administrator"), ("AKIAEDGE", "secret-of-the-edges")
DISTRIBUTION = "EBENCHMARK0003"


class ControlOrigin:
    """A running weir-origin, and a connection that is kept."""

    def __init__(self, setting, program):
        self.port, self.directory = free_port(), setting.directory / "origin"
        self.directory.mkdir()
        configuration = self.directory / "origin.json"
        configuration.write_text(json.dumps(self.configuration(setting)))
        self.program = Program("weir-origin", [program, "--config", configuration],
                               f"{setting.server_core},{setting.load_core}", self.directory / "output.log")
        self.program.wait_until_listening(self.port)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def configuration(self, setting):
        here = f"http://127.0.0.1:{self.port}"
        return {
            "listen": f"127.0.0.1:{self.port}", "s3Listen": f"127.0.0.1:{free_port()}", "publicURL": here,
            "originURL": here, "s3URL": here, "region": REGION, "workerToken": secrets.token_hex(20),
            "storage": {"database": str(self.directory / "catalog.sqlite"), "objects": str(self.directory / "objects")},
            "mail": {"folder": str(self.directory / "mail")},
            "identity": {"userPoolId": f"{REGION}_Benchmark", "clientId": "benchmark", "adminEmail": "a@example.com",
                         "adminPassword": secrets.token_hex(20), "sealingKey": secrets.token_hex(32)},
            "signing": {"keyPairId": "KBENCHMARK", "privateKeyFile": str(setting.signing_key)},
            "accessKeys": [{"accessKeyId": key[0], "secretAccessKey": key[1], "role": role}
                           for key, role in ((ADMIN, "admin"), (EDGE, "edge"))],
            "distributions": [DISTRIBUTION],
        }

    def invalidate(self, path, reference):
        """The id of a new invalidation."""
        body = (f'<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Paths><Quantity>1</Quantity>'
                f"<Items><Path>{path}</Path></Items></Paths><CallerReference>{reference}</CallerReference>"
                f"</InvalidationBatch>")
        return self._call("POST", "", body)["Id"]

    def is_completed(self, identifier):
        return self._call("GET", f"/{identifier}")["Status"] == "Completed"

    def _call(self, method, path, body=""):
        path = f"/2020-05-31/distribution/{DISTRIBUTION}/invalidation{path}"
        self.connection.request(method, path, body, signed(method, f"127.0.0.1:{self.port}", path, body))
        answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status in (200, 201), text
        return {name: re.search(f"<{name}>([^<]*)<", text)[1] for name in ("Id", "Status")}

    def stop(self):
        self.connection.close()
        self.program.stop()


def signed(method, host, path, body):
    """The fields of Signature Version 4."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/us-east-1/cloudfront/aws4_request"
    canonical = (f"{method}\n{path}\n\nhost:{host}\nx-amz-date:{now}\n\nhost;x-amz-date\n"
                 f"{hashlib.sha256(body.encode()).hexdigest()}")
    key = f"AWS4{ADMIN[1]}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return {"Host": host, "x-amz-date": now,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={ADMIN[0]}/{scope},SignedHeaders=host;x-amz-date,"
                             f"Signature={signature}"}


class Follower(servers.UnpinnedWeir):
    """An edge that follows the control log of a `ControlOrigin`, and serves the distribution that this has."""

    def distribution(self):
        return {**super().distribution(), "Id": DISTRIBUTION}

    def configuration(self, setting):
        document = super().configuration(setting)
        document["cache"]["capacityMebibytes"] = 64
        document["control"] = {"url": f"http://127.0.0.1:{self.other.port}", "edgeId": self.name,
                               "accessKeyId": EDGE[0], "secretAccessKey": EDGE[1], "region": REGION}
        return document
