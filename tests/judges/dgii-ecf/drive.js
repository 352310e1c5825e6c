// Plays the issuer: base URL, PKCS#12 file, password, unsigned 31, unsigned 32, RNC, and the two e-NCF, as arguments.
const fs = require('node:fs');
const {
  restClient, BaseUrl, ENVIRONMENT, ECF, P12Reader, Signature, convertECF32ToRFCE, getCodeSixDigitfromSignature,
} = require('dgii-ecf');

const [base, p12, password, file31, file32, rnc, encf31, encf32] = process.argv.slice(2);

async function main() {
  restClient.defaults.baseURL = base;
  restClient.defaults.httpsAgent = undefined;
  BaseUrl.CF = BaseUrl.STATUS = base;
  const certificates = new P12Reader(password).getKeyFromFile(p12);
  const client = new ECF(certificates, ENVIRONMENT.DEV);
  const signer = new Signature(certificates.key, certificates.cert);

  const token = await client.authenticate();
  const signed31 = signer.signXml(fs.readFileSync(file31, 'utf8'), 'ECF');
  const sent = await client.sendElectronicDocument(signed31, `${rnc}${encf31}.xml`);
  let status = await client.statusTrackId(sent.trackId);
  for (let tries = 0; status.estado === 'En Proceso' && tries < 20; tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    status = await client.statusTrackId(sent.trackId);
  }
  const code31 = getCodeSixDigitfromSignature(signed31);
  const signed32 = signer.signXml(fs.readFileSync(file32, 'utf8'), 'ECF');
  const { xml, securityCode } = convertECF32ToRFCE(signed32);
  const summary = await client.sendSummary(signer.signXml(xml, 'RFCE'), `${rnc}${encf32}.xml`);
  return {
    token: Boolean(token.token),
    expira: token.expira,
    status,
    trackings: await client.trackStatuses(rnc, encf31),
    inquiry: await client.inquiryStatus(rnc, encf31, '131880681', code31),
    summary,
    summaryInquiry: await client.getSummaryInvoiceInquiry(rnc, encf32, securityCode),
    directory: await client.getCustomerDirectory(rnc),
  };
}

main().then(
  (seen) => console.log(JSON.stringify(seen)),
  (error) => { console.error(error && error.stack ? error.stack : JSON.stringify(error)); process.exit(1); },
);
