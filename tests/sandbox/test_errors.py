"""Error bodies, tokens and limits: what a client must be able to tell apart."""

from collections import Counter
from pathlib import Path

import pytest

from tests.sandbox.flow import connect, users
from tests.sandbox_process import SandboxProcess, start_sandbox


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic c2FuZGJveA==", "Bearer "])
def test_wrong_api_token_is_401_without_the_remote_mark(
    sandbox: SandboxProcess, header: str | None
) -> None:
    answer = sandbox.api("GET", "/integrated-account", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.json()["statusCode"] == 401
    assert answer.json()["error"] == "Unauthorized"
    assert "truto_is_remote_error" not in answer.json()


def test_missing_account_id_is_named(sandbox: SandboxProcess) -> None:
    answer = sandbox.api("GET", "/unified/user-directory/users")

    insight = answer.json()["truto_error_insight"]["missing_required_query_parameters"]
    assert answer.status_code == 400
    assert insight["value"] == ["integrated_account_id"]
    assert insight["description"]


def test_broken_json_is_400_and_wrong_method_405(sandbox: SandboxProcess) -> None:
    assert sandbox.api("POST", "/link-token", data=b"{").status_code == 400
    assert sandbox.api("POST", "/link-token", data=b"[1]").status_code == 400
    assert sandbox.api("PUT", "/link-token").status_code == 405
    assert sandbox.api("GET", "/no-such-path").json()["statusCode"] == 404


def test_51st_call_of_an_account_in_ten_seconds_is_refused(sandbox: SandboxProcess) -> None:
    account_id, other = connect(sandbox), connect(sandbox)

    answers = [users(sandbox, account_id, limit=1) for _ in range(51)]

    assert Counter(answer.status_code for answer in answers) == {200: 50, 429: 1}
    assert answers[-1].headers["Retry-After"] == "10"
    assert "truto_is_remote_error" not in answers[-1].json()
    assert users(sandbox, other).ok


def test_501st_call_of_a_token_in_ten_seconds_is_refused(sandbox: SandboxProcess) -> None:
    codes = Counter(sandbox.api("GET", "/ping").status_code for _ in range(501))

    assert codes[429] >= 1
    assert codes[200] <= 500


def test_limits_can_be_switched_off(sandbox: SandboxProcess) -> None:
    account_id = connect(sandbox)
    sandbox.control("POST", "rate-limits", on=False)

    assert all(users(sandbox, account_id, limit=1).ok for _ in range(60))


def test_process_refuses_to_start_unless_switched_on(data_dir: Path) -> None:
    with pytest.raises(RuntimeError, match="The sandbox is switched off"):
        start_sandbox(data_dir, SANDBOX="off")


def test_process_without_token_says_what_is_missing(data_dir: Path) -> None:
    with pytest.raises(RuntimeError, match="The sandbox needs SANDBOX_API_TOKEN"):
        start_sandbox(data_dir, SANDBOX_API_TOKEN="")


def test_control_needs_its_header(sandbox: SandboxProcess) -> None:
    headers = {"X-Sandbox-Control": "wrong"}

    assert sandbox.api("POST", "/_control/reset", headers=headers).status_code == 403
    assert sandbox.api("POST", "/_control/reset").status_code == 403


def test_pages_send_a_strict_policy_and_no_opener_policy(sandbox: SandboxProcess) -> None:
    headers = sandbox.api("GET", "/").headers

    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "form-action" not in headers["Content-Security-Policy"]
    assert "Cross-Origin-Opener-Policy" not in headers
