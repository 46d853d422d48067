/* The products a digital ICVP may name, from the same catalogue the server reads. */
import told from '../../../src/openconsular/domain/health/data/icvp_products.json' with { type: 'json' };

const CATALOGUE = new Map(told.products.map((row) => [row.code, { ...row, ...told.diseases[row.disease], name: row.name, diseaseName: told.diseases[row.disease].name }]));

/** The product of a code; undefined when the catalogue does not have it. */
export const product = (code) => CATALOGUE.get(code);
