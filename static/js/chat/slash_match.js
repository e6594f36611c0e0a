/** Which skills fit what was typed behind the slash, the best first; and what of a text is a command. */

/** "/call-prep Acme" is {name: "call-prep", rest: " Acme", at: 10}: `rest` stands from `at` on. Null when it is no command. */
export function commandIn(text) {
  const found = /^\s*\/([\p{L}\d_-]*)/u.exec(text);
  if (!found) return null;
  const at = found[0].length;
  const rest = text.slice(at);
  // "/accounts/12/" is an address.
  if (rest && !/^\s/.test(rest)) return null;
  return { name: found[1].toLowerCase().replaceAll("_", "-"), rest, at };
}

/** @param skills [{name, title, help}] */
export function fitting(skills, typed) {
  const wanted = typed.toLowerCase();
  if (!wanted) return [...skills];
  return skills
    .map((skill, at) => ({ skill, at, score: score(skill, wanted) }))
    .filter((each) => each.score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map((each) => each.skill);
}

function score({ name, help }, wanted) {
  if (name === wanted) return 6;
  if (name.startsWith(wanted)) return 5;
  if (name.split("-").some((word) => word.startsWith(wanted))) return 4;
  if (name.replaceAll("-", "").includes(wanted.replaceAll("-", ""))) return 3;
  if (isWithin(name, wanted) || isSlip(name, wanted)) return 2;
  return wanted.length > 2 && help.toLowerCase().includes(wanted) ? 1 : 0;
}

/** Its letters in this order: "cfu" is customer-follow-up. The first has to be the first. */
function isWithin(name, wanted) {
  if (name[0] !== wanted[0]) return false;
  let at = 0;
  for (const letter of name) if (letter === wanted[at]) at += 1;
  return at === wanted.length;
}

/** One letter wrong, missing, added or swapped, in the beginning of the name that is as long. */
function isSlip(name, wanted) {
  if (wanted.length < 4) return false;
  for (const length of [wanted.length - 1, wanted.length, wanted.length + 1]) if (differs(name.slice(0, length), wanted)) return true;
  return false;
}

function differs(one, other) {
  let from = 0;
  while (from < one.length && one[from] === other[from]) from += 1;
  let end = 0;
  while (end < Math.min(one.length, other.length) - from && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  const [left, right] = [one.slice(from, one.length - end), other.slice(from, other.length - end)];
  return Math.max(left.length, right.length) <= 1 || (left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0]);
}
