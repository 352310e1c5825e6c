// Signs one document again and again: PKCS#12 file, password, unsigned e-CF, times. Prints CPU seconds of one signature (median).
const fs = require('node:fs');
const { P12Reader, Signature } = require('dgii-ecf');

const [p12, password, file, times] = process.argv.slice(2);
const certificates = new P12Reader(password).getKeyFromFile(p12);
const signer = new Signature(certificates.key, certificates.cert);
const xml = fs.readFileSync(file, 'utf8');

function seconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const taken = [];
for (let i = 0; i < Number(times); i += 1) {
  const began = seconds();
  signer.signXml(xml, 'ECF');
  taken.push(seconds() - began);
}
taken.sort((a, b) => a - b);
console.log(JSON.stringify({ seconds: taken[Math.floor(taken.length / 2)] }));
