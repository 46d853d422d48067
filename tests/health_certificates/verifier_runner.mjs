/* Runs the browser's verifier over a file of vectors: {groups: [{trust, revocations (base64), vectors: [[text, seconds]]}]}. */
import { readFileSync } from 'node:fs';
import { sameCountry, isForTests } from '../../frontend/verifier/certificate/countries.js';
import { unpack } from '../../frontend/verifier/certificate/revocation.js';
import { TrustStore } from '../../frontend/verifier/certificate/trust.js';
import { verify } from '../../frontend/verifier/certificate/verify.js';

const { groups, codes } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const found = [];
for (const { trust, revocations, vectors, listsLast } of groups) {
  const world = { trust: new TrustStore(trust), revocations: unpack(Buffer.from(revocations, 'base64')).revocations, listsLast };
  const said = [];
  for (const [text, now] of vectors) {
    try {
      const { state, reason, layer, checks, certificate } = await verify(text, { ...world, now });
      const holder = certificate ? [certificate.holder.fullName, certificate.holder.bornOn, certificate.entries.map((one) => [one.kind, one.happenedOn, one.validFrom, one.validUntil])] : null;
      said.push([state, reason, layer, checks.map(({ name, outcome, reason: why, asOf }) => [name, outcome, why, asOf]), holder]);
    } catch (fault) {
      said.push(['thrown', String(fault.stack)]);
    }
  }
  found.push(said);
}
process.stdout.write(JSON.stringify({ groups: found, countries: codes.map((code) => [sameCountry(code), isForTests(code)]) }));
