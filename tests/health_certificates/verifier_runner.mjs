/* Runs the browser's verifier over a file of vectors: {groups: [{trust, revocations, bundles, vectors: [[text, seconds]]}]}. */
import { readFileSync } from 'node:fs';
import { sameCountry, isForTests } from '../../frontend/verifier/certificate/countries.js';
import { Revocations } from '../../frontend/verifier/certificate/revocation.js';
import { TrustStore } from '../../frontend/verifier/certificate/trust.js';
import { verify } from '../../frontend/verifier/certificate/verify.js';

const { groups, codes, looks = null } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const found = [];
for (const { trust, revocations, bundles, vectors, listsLast } of groups) {
  const bundle = (name) => (name in bundles ? Buffer.from(bundles[name], 'base64') : undefined);
  const world = { trust: new TrustStore(trust), revocations: new Revocations(revocations, bundle), listsLast };
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
const looked = [];
if (looks) {
  const { readFileSync: read } = await import('node:fs');
  const revocations = new Revocations(looks.head, (name) => read(`${looks.folder}/${name}`));
  const [list] = looks.head.lists;
  const [key] = Object.keys(list.keys);
  for (const value of looks.values) looked.push(await revocations.lookAll({ hashes: () => [Buffer.from(value, 'hex')] }, list, [key]));
}
process.stdout.write(JSON.stringify({ looked, groups: found, countries: codes.map((code) => [sameCountry(code), isForTests(code)]) }));
