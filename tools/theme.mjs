/* Makes frontend/styles/theme.css from frontend/theme.config.json. Run it only when a ministry changes
 * its colours; the result is committed, so a normal build needs none of this.
 *
 *   1. In an empty folder, copy frontend/theme.config.json to designsystemet.config.json there.
 *   2. npm install --ignore-scripts @digdir/designsystemet@1.15.0
 *   3. npx --no-install designsystemet tokens create, then the same with tokens build
 *   4. node tools/theme.mjs design-tokens-build/oc.css
 *
 * What it changes: one typeface instead of two, and light colours once instead of twice.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const source = process.argv[2];
if (!source) {
  console.error('Usage: node tools/theme.mjs <folder>/design-tokens-build/oc.css');
  process.exit(2);
}

const withoutTypeface = (css, name) =>
  css.replace(new RegExp(`@layer ds\\.theme\\.typography\\.${name} \\{[\\s\\S]*?\\n\\}\\n\\}\\n`), '');

// `:root` is light already, so the copy for "auto" on a light device says nothing new.
const withoutRepeatedLight = (css) =>
  css.replace(/@media \(prefers-color-scheme: light\) \{\s*\[data-color-scheme="auto"\] \{[^}]*\}\s*\}/, '');

const css = withoutRepeatedLight(withoutTypeface(readFileSync(source, 'utf8'), 'secondary'));
const count = (sign) => css.split(sign).length;
if (!css.includes("prefers-color-scheme") || count("{") !== count("}")) {
  console.error(`${source} does not look as expected.`);
  process.exit(1);
}
writeFileSync(new URL('../frontend/styles/theme.css', import.meta.url), css);
