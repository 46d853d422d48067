/* On the page of a certificate: keep it on this telephone, or take it off again. Only ever when its holder says so. */
import { drop, has, keep, update, wipe } from './kept.js';

export async function offerToKeep() {
  const box = document.querySelector('[data-oc-keep]');
  if (!box) return;
  const certificate = JSON.parse(box.dataset.ocKeep);
  const said = box.querySelector('[data-said]');
  const show = (isKept) => {
    box.querySelector('[data-when=kept]').hidden = !isKept;
    box.querySelector('[data-when=not-kept]').hidden = isKept;
    box.hidden = false;
  };
  const act = async (step, isKept, word) => {
    try {
      await step();
      show(isKept);
      said.textContent = word;
      box.querySelector(isKept ? '[data-do=drop]' : '[data-do=keep]').focus();
    } catch {
      said.textContent = said.dataset.failed;
    }
  };
  box.querySelector('[data-do=keep]').addEventListener('click', () =>
    act(() => keep(certificate, box.dataset.device), true, said.dataset.kept),
  );
  box.querySelector('[data-do=drop]').addEventListener('click', () =>
    act(() => drop(certificate.id), false, said.dataset.dropped),
  );
  try {
    const isKept = await has(certificate.id);
    if (isKept) await update({ ...certificate, checkedAt: new Date().toISOString() });
    show(isKept);
  } catch {
    // No storage, as in a private window: then nothing is offered.
  }
}

/** Whoever says that the telephone is not theirs leaves nothing on it. */
export function wipeOnLeaving() {
  const form = document.querySelector('form[data-oc-wipe]');
  form?.addEventListener('submit', async (event) => {
    event.preventDefault();
    await wipe().catch(() => {});
    form.submit();
  });
}
