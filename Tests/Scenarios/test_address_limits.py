"""One address that guesses is turned away, whoever it says it is, and others are not."""
import json

import requests

WRONG = {"Username": "nobody@example.com", "ConfirmationCode": "000000"}


def call(base, operation, body, forwarded_for=None):
    headers = {"X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    if forwarded_for:
        headers["X-Forwarded-For"] = forwarded_for
    return call.session.post(base, data=json.dumps(body), headers=headers, timeout=30)


call.session = requests.Session()


def test_who_guesses_too_often_is_turned_away_and_the_log_says_who(own_weir):
    origin, edge = own_weir.ready["origin"] + "/", own_weir.ready["edge"] + "/identity"

    def guess(number, base=origin, forwarded_for="198.51.100.7"):
        return call(base, "ConfirmSignUp", {**WRONG, "ClientId": own_weir.ready["clientId"],
                                            "Username": f"name-{number}@example.com"}, forwarded_for)
    assert {guess(number).json()["__type"] for number in range(300)} == {"CodeMismatchException"}
    refused = guess(300)
    assert (refused.status_code, refused.json()["__type"]) == (429, "TooManyRequestsException")
    assert 1 <= int(refused.headers["Retry-After"]) <= 12
    assert refused.headers["x-amzn-ErrorType"] == "TooManyRequestsException:"
    # What stands left of the address that a proxy adds is hearsay.
    assert guess(301, forwarded_for="192.0.2.1, 198.51.100.7").status_code == 429
    assert guess(302, forwarded_for="198.51.100.7, 198.51.100.8").status_code == 400
    assert guess(303, edge, forwarded_for="198.51.100.7").status_code == 400
    assert own_weir.sign_in()

    entries = own_weir.api("GET", "/api/v1/admin/audit/export", own_weir.sign_in()).text.splitlines()
    limited = [entry for entry in map(json.loads, entries) if entry["action"] == "address_limited"]
    assert [(entry["forwardedFor"], entry["details"]) for entry in limited] == [
        ("198.51.100.7", {"limit": "failedGuesses"})]
