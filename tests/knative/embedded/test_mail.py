"""Mails as files: newest first, for their owner's eyes only, told as text."""

from pathlib import Path

import pytest

from knative.embedded import mail
from knative.embedded.mail import Mailbox

MAIL = "From: a@example.com\r\nTo: ana@example.com\r\nSubject: {0}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSí, {0}.\r\n"


def keep(box: Mailbox, *subjects: str) -> list[str]:
    return [box.keep(MAIL.format(subject).encode()) for subject in subjects]


def test_what_is_kept_is_read_newest_first(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mail")
    names = keep(box, "uno", "dos", "tres")
    assert [kept.id for kept in box.newest(2)] == [names[2], names[1]]
    assert [kept.message["Subject"] for kept in Mailbox(box.folder).newest(9)] == ["tres", "dos", "uno"]


def test_nobody_else_on_the_machine_reads_them(tmp_path: Path) -> None:
    box = Mailbox(tmp_path / "mail")
    (name,) = keep(box, "uno")
    assert (box.folder.stat().st_mode & 0o777, (box.folder / f"{name}.eml").stat().st_mode & 0o777) == (0o700, 0o600)


@pytest.mark.parametrize("name", ["../secrets", "", "nada", "/etc/passwd", "*"])
def test_only_a_mail_is_read(tmp_path: Path, name: str) -> None:
    box = Mailbox(tmp_path / "mail")
    keep(box, "uno")
    (tmp_path / "secrets.eml").write_text("x")
    assert box.read(name) is None


def test_the_task_tells_the_newest_and_where_all_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(Mailbox(tmp_path / "services/mail"), "uno", "dos", "tres")
    monkeypatch.setattr("sys.argv", ["mail", "--data", str(tmp_path), "--last", "2"])
    assert mail.main() == 0
    said = capsys.readouterr().out
    assert "uno" not in said
    assert said.index("Sí, dos.") < said.index("Sí, tres.") < said.index("./task up")
    (tmp_path / "state.json").write_text('{"urls": {"mail": "http://127.0.0.1:9"}}')
    assert mail.main() == 0
    assert "http://127.0.0.1:9" in capsys.readouterr().out


def test_a_folder_without_mails_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["mail", "--data", str(tmp_path)])
    assert mail.main() == 0
