// Fields and sliders move together; results follow at once. A field that holds no number keeps the results of before.
const fields = [...document.querySelectorAll("[data-input]")];
const outputs = [...document.querySelectorAll("[data-output]")];
const reset = document.querySelector("[data-reset]");
const first = new Map(fields.map((field) => [field, field.value]));
const slider = (field) => document.querySelector(`[data-of="${field.dataset.input}"]`);

const shown = (value, { unit, digits }) => {
  if (value === null) return "–";
  const scale = 10 ** Number(digits);
  const rounded = Math.floor(Math.abs(value) * scale + 0.5) / scale;
  const number = rounded.toLocaleString("en-US", { minimumFractionDigits: Number(digits), maximumFractionDigits: Number(digits) });
  const text = `${value < 0 && rounded ? "-" : ""}${number}`;
  if (/^[A-Z]{3}$/.test(unit)) return `${unit} ${text}`;
  return unit === "%" ? `${text}%` : `${text} ${unit}`.trim();
};

const problem = (field) => {
  if (field.value.trim() === "" || !Number.isFinite(field.valueAsNumber)) return "Enter a number.";
  if (field.valueAsNumber < Number(field.min) || field.valueAsNumber > Number(field.max)) return `Between ${field.min} and ${field.max}.`;
  return "";
};

const compute = () => {
  const values = {};
  let whole = true;
  for (const field of fields) {
    const wrong = problem(field);
    document.querySelector(`[data-wrong="${field.dataset.input}"]`).textContent = wrong;
    field.setAttribute("aria-invalid", String(Boolean(wrong)));
    whole &&= !wrong;
    values[field.dataset.input] = field.valueAsNumber;
  }
  reset.hidden = fields.every((field) => field.value === first.get(field));
  if (!whole) return;
  for (const output of outputs) {
    let value = null;
    try {
      value = values[output.dataset.output] = evaluate(output.dataset.formula, values);
    } catch {
      delete values[output.dataset.output];
    }
    output.textContent = shown(value, output.dataset);
  }
};

for (const field of fields) {
  slider(field).hidden = false;
  field.addEventListener("input", () => {
    if (!problem(field)) slider(field).value = field.value;
    compute();
  });
  slider(field).addEventListener("input", () => {
    field.value = slider(field).value;
    compute();
  });
}
reset.addEventListener("click", () => {
  for (const field of fields) slider(field).value = field.value = first.get(field);
  compute();
});
compute();
