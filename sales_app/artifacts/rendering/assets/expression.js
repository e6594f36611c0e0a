/** The formulas of calculators; the grammar is told in artifacts/expressions.py, which this is the twin of. */
export class FormulaError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

export function evaluate(formula, values) {
  const DEPTH = 40;
  const fail = (code, message) => {
    throw new FormulaError(code, message);
  };
  const number = (value) => (Number.isFinite(value) ? value : fail("undefined", "No number."));
  const round = (value, digits = 0) => {
    const scale = Math.pow(10, Math.max(0, Math.min(6, Math.floor(digits))));
    return Math.floor(value * scale + 0.5) / scale;
  };
  const functions = new Map([
    ["min", [1, 20, Math.min]],
    ["max", [1, 20, Math.max]],
    ["round", [1, 2, round]],
    ["floor", [1, 1, Math.floor]],
    ["ceil", [1, 1, Math.ceil]],
    ["abs", [1, 1, Math.abs]],
    ["if", [3, 3, (condition, then, other) => (condition ? then : other)]],
  ]);

  if (formula.length > 500) fail("syntax", "The formula is too long.");
  const tokens = [];
  const pattern = /\s*(?:(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<=|>=|==|[-+*/^(),<>]))/y;
  const text = formula.trimEnd();
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text) ?? fail("syntax", "The formula cannot be read.");
    tokens.push({ kind: match[1] ? "number" : match[2] ? "name" : "sign", text: match[1] ?? match[2] ?? match[3] });
  }

  let at = 0;
  let depth = 0;
  const take = (...signs) => {
    const token = tokens[at];
    if (token?.kind !== "sign" || !signs.includes(token.text)) return "";
    at += 1;
    return token.text;
  };
  const need = (sign) => take(sign) || fail("syntax", `${sign} is missing.`);

  const comparison = () => {
    if (++depth > DEPTH) fail("syntax", "The formula is nested too deep.");
    let left = sum();
    const sign = take("<=", ">=", "==", "<", ">");
    if (sign) {
      const right = sum();
      left = Number({ "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right, "==": left === right }[sign]);
    }
    depth -= 1;
    return left;
  };
  const sum = () => {
    let left = product();
    for (let sign = take("+", "-"); sign; sign = take("+", "-")) {
      const right = product();
      left = number(sign === "+" ? left + right : left - right);
    }
    return left;
  };
  const product = () => {
    let left = power();
    for (let sign = take("*", "/"); sign; sign = take("*", "/")) {
      const right = power();
      if (sign === "/" && right === 0) fail("undefined", "A division by zero.");
      left = number(sign === "*" ? left * right : left / right);
    }
    return left;
  };
  const power = () => {
    const base = unary();
    if (!take("^")) return base;
    if (++depth > DEPTH) fail("syntax", "The formula is nested too deep.");
    const exponent = power();
    depth -= 1;
    return number(Math.pow(base, exponent));
  };
  const unary = () => {
    let sign = 1;
    while (take("-")) sign = -sign;
    return sign * atom();
  };
  const atom = () => {
    if (take("(")) {
      const inside = comparison();
      need(")");
      return inside;
    }
    const token = tokens[at] ?? fail("syntax", "The formula ends too early.");
    at += 1;
    if (token.kind === "number") return Number(token.text);
    if (token.kind !== "name") fail("syntax", `${token.text} is not expected.`);
    if (take("(")) return call(token.text);
    if (!Object.hasOwn(values, token.text)) fail("unknown_name", `There is no ${token.text}.`);
    return Number(values[token.text]);
  };
  const call = (name) => {
    const given = [comparison()];
    while (take(",")) given.push(comparison());
    need(")");
    const [least, most, run] = functions.get(name) ?? fail("unknown_name", `There is no function ${name}.`);
    if (given.length < least || given.length > most) fail("syntax", `${name} takes another number of values.`);
    return number(run(...given));
  };

  const result = comparison();
  if (at < tokens.length) fail("syntax", `${tokens[at].text} is not expected.`);
  return result + 0;
}
