"""The command line as a process on real files: what it says, where it says it, and its exit status."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from PIL import Image
from zxingcpp import read_barcodes

from shared.ecf.xml import write
from tests.places import ROOT
from tests.shared.ecf.bodies import EMISOR, FIRMA, body
from tests.shared.ecf.peers import authority, leaf, sign_as, signed
from tests.shared.ecf.sheet import MISSING, SET_A
from tests.shared.ecf.terminal import invoice, objects, run


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "buena.xml"
    path.write_bytes(write(invoice()))
    return path


@pytest.fixture
def bad(tmp_path: Path, good: Path) -> Path:
    path = tmp_path / "mala.xml"
    path.write_bytes(
        good.read_bytes().replace(b"<TipoPago>1", b"<TipoPago>9").replace(b"<MontoItem>", b"<Otro>1</Otro><MontoItem>")
    )
    return path


def test_validate_tells_by_its_exit_status_and_names_file_and_field(good: Path, bad: Path) -> None:
    fine, wrong = run("validate", good), run("validate", good, bad)
    assert (fine.returncode, wrong.returncode) == (0, 1)
    assert fine.stdout.decode() == f"{good}: 31: aceptado\n"
    lines = wrong.stdout.decode().splitlines()
    assert (
        f"{bad}: rechazado ECF-0206 /ECF/Encabezado/IdDoc/TipoPago: «9» no es un código válido para «TipoPago». Use 1, 2, 3."
        in lines
    )
    assert any(
        line.startswith(f"{bad}: rechazado ECF-0101 /ECF/DetallesItems/Item/Otro: El campo «Otro» no existe.") for line in lines
    )


def test_validate_takes_several_files_standard_input_and_json(good: Path, bad: Path) -> None:
    done = run("validate", "--json", good, "-", "no-existe.xml", stdin=bad.read_bytes())
    rows = objects(done)
    assert done.returncode == 2
    assert [(row["archivo"], row["estado"]) for row in rows] == [
        (str(good), "ok"),
        ("-", "rechazado"),
        ("no-existe.xml", "ilegible"),
    ]
    assert rows[0]["veredicto"] == "aceptado"
    assert {finding["codigo"] for finding in rows[1]["hallazgos"]} == {"ECF-0206", "ECF-0101"}
    assert rows[2]["hallazgos"][0]["detalle"] == "El archivo no existe."


def test_validate_judges_amounts_conditionally_or_strictly(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "montos.xml"
    path.write_bytes(good.read_bytes().replace(b"<MontoTotal>1180.00", b"<MontoTotal>1190.00"))
    lenient, strict = run("validate", "--json", path), run("validate", "--json", "--strict", path)
    assert (lenient.returncode, strict.returncode) == (0, 1)
    (row,) = objects(lenient)
    assert row["veredicto"] == "aceptado_condicional"
    assert ("ECF-2115", "11105", "/totales/monto_total") in {
        (f["codigo"], f["codigo_dgii"], f["pointer"]) for f in row["hallazgos"]
    }


def test_validate_takes_a_body_as_the_api_does(tmp_path: Path) -> None:
    path, company = tmp_path / "cuerpo.json", tmp_path / "empresa.json"
    path.write_text(json.dumps(body()))
    company.write_text(json.dumps(EMISOR))
    assert run("validate", path, "--emisor", company, "--today", "24-11-2026").returncode == 0
    refused = run("validate", path)
    assert refused.returncode == 1
    assert b"/emisor/razon_social_emisor" in refused.stdout


def test_read_and_build_are_each_others_inverse(tmp_path: Path, good: Path) -> None:
    read = run("read", good)
    assert read.returncode == 0
    given = json.loads(read.stdout)
    assert (given["tipo_ecf"], given["id_doc"]["encf"]) == (31, "E310000000005")
    built = run("build", "-", stdin=read.stdout)
    assert built.returncode == 0
    assert built.stdout == good.read_bytes() + b"\n"
    signed_path = tmp_path / "firmada.xml"
    signed_path.write_bytes(sign_as(good.read_bytes(), leaf()))
    assert json.loads(run("read", signed_path).stdout) == given


def test_build_makes_a_document_of_a_body_and_what_the_options_say(tmp_path: Path) -> None:
    path, company, target = tmp_path / "cuerpo.json", tmp_path / "empresa.json", tmp_path / "salida.xml"
    path.write_text(json.dumps(body()))
    company.write_text(json.dumps(EMISOR))
    options = ["--emisor", company, "--today", "24-11-2026", "--vencimiento", "31-12-2028", "--firma", "24-11-2026 10:00:00"]
    done = run("build", path, *options, "--encf", "E310000000005", "-o", target)
    assert (done.returncode, done.stdout) == (0, b"")
    assert target.read_bytes() == write(invoice())
    for missing, pointer in (("--encf", "/id_doc/encf"), ("--vencimiento", "/id_doc/fecha_vencimiento_secuencia")):
        kept = [*options, "--encf", "E310000000005"]
        at = kept.index(missing)
        refused = run("build", path, *kept[:at], *kept[at + 2 :])
        assert refused.returncode == 1
        assert f"{path}: rechazado" in refused.stderr.decode()
        assert pointer in refused.stderr.decode()
        assert refused.stdout == b""


def test_build_says_everything_that_is_wrong_with_a_body(tmp_path: Path) -> None:
    path = tmp_path / "cuerpo.json"
    path.write_text(json.dumps(body(31, presio="1") | {"items": []}))
    done = run("build", "--json", path)
    assert done.returncode == 1
    (row,) = objects(done)
    assert {"/presio", "/items", "/emisor"} <= {"/" + f["pointer"].split("/")[1] for f in row["hallazgos"]}


def test_recompute_puts_the_amounts_of_the_law_in_place_of_others(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "montos.xml"
    spoilt = (
        good.read_bytes().replace(b"<MontoTotal>1180.00", b"<MontoTotal>9.00").replace(b"<TotalITBIS>180.00", b"<TotalITBIS>1.00")
    )
    path.write_bytes(sign_as(spoilt, leaf()))
    done = run("recompute", path)
    assert done.returncode == 0
    assert done.stdout == good.read_bytes() + b"\n"
    assert "/totales/monto_total: 9.00 → 1180.00" in done.stderr.decode()


@pytest.mark.skipif(not SET_A.exists(), reason=MISSING)
def test_recompute_gives_the_amounts_of_dgiis_own_set_within_a_cent(tmp_path: Path) -> None:
    files = sorted(SET_A.glob("setA_*_ECF_*.xml"))
    assert len(files) == 25
    assert run("recompute", *files, "-o", tmp_path).returncode == 0
    for file in files:
        before, after = (etree.parse(path, etree.XMLParser(remove_blank_text=True)) for path in (file, tmp_path / file.name))
        old, new = list(before.iter()), list(after.iter())
        assert [element.tag for element in old] == [element.tag for element in new]
        for one, other in zip(old, new, strict=True):
            if one.text != other.text:
                assert abs(Decimal(one.text or "") - Decimal(other.text or "")) <= Decimal("0.01"), (file.name, one.tag)


@pytest.mark.skipif(not SET_A.exists(), reason=MISSING)
def test_dgiis_own_set_is_accepted_and_comes_back_from_json_as_it_was(tmp_path: Path) -> None:
    files = sorted(SET_A.glob("setA_*.xml"))
    rows = objects(run("validate", "--json", "--today", "24-11-2026", *files))
    assert {row["archivo"]: row["veredicto"] for row in rows} == {str(path): "aceptado" for path in files}
    for number, row in enumerate(objects(run("read", "--json", *files))):
        (tmp_path / f"{number}.json").write_text(json.dumps(row["json"]))
    again = objects(run("build", "--json", *(tmp_path / f"{number}.json" for number in range(len(files)))))
    for file, row in zip(files, again, strict=True):
        reference = etree.parse(file, etree.XMLParser(remove_blank_text=True)).getroot()
        assert etree.tostring(etree.fromstring(row["xml"].encode())) == etree.tostring(reference), file.name


def test_verify_says_who_signed_or_why_it_does_not_hold(tmp_path: Path, good: Path) -> None:
    fine, changed, anchor = tmp_path / "firmada.xml", tmp_path / "cambiada.xml", tmp_path / "ca.pem"
    fine.write_bytes(sign_as(good.read_bytes(), leaf()))
    changed.write_bytes(fine.read_bytes().replace(b"1180.00", b"1180.01"))
    anchor.write_bytes(authority().certificate.public_bytes(Encoding.PEM))
    done = run("verify", "--json", fine, changed, good, "--anchor", anchor, "--at", f"{FIRMA:%d-%m-%Y} 10:00:00")
    holds, digest, unsigned = objects(done)
    assert done.returncode == 1
    assert (holds["firma"], holds["titular"], holds["marca"], len(holds["codigo_seguridad"])) == (
        "válida",
        "IDCDO-00199999996",
        None,
        6,
    )
    assert digest["motivo"] == "digest"
    assert unsigned["motivo"] == "no-signature"
    people = run("verify", changed)
    assert "firma:digest: El contenido no es el que se firmó" in people.stderr.decode()


def test_verify_marks_what_only_verifies_without_its_blanks(tmp_path: Path) -> None:
    path, root = tmp_path / "sangrada.xml", etree.fromstring(signed("ARECF"))
    etree.indent(root)
    path.write_bytes(etree.tostring(root))
    assert b"FIRMA_NO_VERIFICABLE" in run("verify", path, "--at", "24-11-2026 10:00:00").stdout
    assert run("verify", path, "--strict").returncode == 1


def test_verify_judges_the_certificate_at_the_signing_time(tmp_path: Path, good: Path) -> None:
    path = tmp_path / "firmada.xml"
    path.write_bytes(sign_as(good.read_bytes().replace(b"24-11-2026 10:00:00", b"24-11-2020 10:00:00"), leaf()))
    (row,) = objects(run("verify", "--json", path))
    assert row["motivo"] == "certificate-not-yet-valid"


def test_qr_gives_an_address_and_a_picture_of_it(tmp_path: Path) -> None:
    path, picture, vectors = tmp_path / "firmada.xml", tmp_path / "qr.png", tmp_path / "qr.svg"
    path.write_bytes(sign_as(write(invoice()), leaf()))
    done = run("qr", path, "--environment", "testecf", "--png", picture, "--svg", vectors)
    link = done.stdout.decode().strip()
    assert done.returncode == 0
    assert link.startswith("https://ecf.dgii.gov.do/testecf/ConsultaTimbre?RncEmisor=131880738&")
    assert [code.text for code in read_barcodes(Image.open(picture).convert("RGB"))] == [link]
    assert vectors.read_bytes().lstrip().startswith(b"<")
    assert "█" in run("qr", path, "--terminal").stdout.decode()
    assert run("qr", "-", stdin=write(invoice())).returncode == 1
    assert b"CodigoSeguridad=aB%2Fd%2B1" in run("qr", "-", "--codigo", "aB/d+1", stdin=write(invoice())).stdout


def test_rules_lists_and_filters_the_catalogue() -> None:
    every = objects(run("rules", "--json"))
    assert len(every) > 50
    assert {row["codigo"] for row in objects(run("rules", "--json", "--code", "ecf-2115"))} == {"ECF-2115"}
    refused = objects(run("rules", "--json", "--verdict", "rechazado", "--text", "monto_exento"))
    assert refused
    assert all(row["veredicto"] == "rechazado" for row in refused)
    assert run("rules", "--text", "nada que exista").returncode == 1
    assert run("rules", "--kind", "34").stdout.decode().startswith("ECF-")


def test_a_reader_that_goes_away_and_a_place_that_cannot_be_written_are_no_accidents(good: Path) -> None:
    shell = f"{sys.executable} -m shared.ecf rules | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, cwd=ROOT, timeout=60, check=False)
    assert b"Traceback" not in done.stderr
    assert run("recompute", good, "-o", "/no/existe/x.xml").returncode == 2
