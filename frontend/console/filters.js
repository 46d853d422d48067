/** A tick in the filters applies at once; words typed into them apply with Enter or the button. */
export function submitFiltersAtOnce() {
  document.querySelectorAll('form[data-oc-filters]').forEach((form) => {
    form.addEventListener('change', (event) => {
      if (event.target.matches('[type=checkbox], [type=radio], select')) form.requestSubmit();
    });
  });
}
