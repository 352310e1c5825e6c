// Judges signatures: one JSON line a file, {path, valid, code}.
const fs = require('node:fs');
const { getCodeSixDigitfromSignature, validateXMLCertificate } = require('dgii-ecf');

for (const path of process.argv.slice(2)) {
  const xml = fs.readFileSync(path, 'utf8');
  let valid = false;
  try {
    valid = validateXMLCertificate(xml).isValid === true;
  } catch {
    valid = false;
  }
  console.log(JSON.stringify({ path, valid, code: valid ? getCodeSixDigitfromSignature(xml) : null }));
}
