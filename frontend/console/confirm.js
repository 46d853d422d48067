/** A confirmation by typing: the button wakes when the words match. The server checks them again. */
export function guardConfirmations() {
  document.querySelectorAll('form[data-oc-confirm]').forEach((form) => {
    const input = form.querySelector('[data-oc-expected]');
    const button = form.querySelector('[type=submit]');
    const why = form.querySelector('[data-oc-asleep]');
    if (!input || !button) return;
    const check = () => {
      button.disabled = input.value.trim() !== input.dataset.ocExpected;
      if (why) why.hidden = !button.disabled;
    };
    input.addEventListener('input', check);
    check();
  });
}
