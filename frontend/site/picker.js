/* `<button data-oc-picker="#place-map">`: the map is fetched only when someone asks for it, because it weighs
 * more than all the rest of the page together. */
export function offerMap() {
  document.querySelectorAll('[data-oc-picker]').forEach((button) => {
    const box = document.querySelector(button.dataset.ocPicker);
    if (!box) return;
    button.hidden = false;
    button.addEventListener('click', () => show(button, box), { once: true });
  });
}

async function show(button, box) {
  button.setAttribute('aria-busy', 'true');
  const styles = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: box.dataset.styles });
  document.head.append(styles);
  try {
    const { drawPicker } = await import(box.dataset.script);
    box.hidden = false;
    await drawPicker(box);
    button.hidden = true;
  } catch {
    box.hidden = false;
    box.textContent = box.dataset.failed;
  }
  button.removeAttribute('aria-busy');
}
