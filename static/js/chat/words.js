/** Numbers, times and names as people say them. `now` is passed in, so that a test can choose it. */

export function duration(ms) {
  if (ms < 10) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 950) return `${Math.round(ms / 10) * 10} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function ago(ts, now, locale = undefined) {
  const seconds = Math.round((now - ts) / 1000);
  if (seconds < 45) return "now";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 24) return `${hours} h`;
  const days = Math.round(hours / 24);
  if (days < 7) return days === 1 ? "yesterday" : `${days} days`;
  const sameYear = new Date(ts).getFullYear() === new Date(now).getFullYear();
  return new Date(ts).toLocaleDateString(locale, { day: "numeric", month: "short", year: sameYear ? undefined : "numeric" });
}

export function exactTime(ts, { locale, zone } = {}) {
  return new Date(ts).toLocaleString(locale, { dateStyle: "medium", timeStyle: "medium", timeZone: zone || undefined });
}

export function count(n, one, many = `${one}s`) {
  return `${n.toLocaleString()} ${n === 1 ? one : many}`;
}

/** `open_deals` is "Open deals"; a tool of a connector, `crm__find`, loses the prefix. */
export function toolWords(name) {
  const words = name.split("__").at(-1).replace(/[_\-.]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").trim().toLowerCase();
  return words ? words[0].toUpperCase() + words.slice(1) : name;
}

// Numbers by which records are known are no words; what they mean stands in the result. Limits and orders say nothing either.
const SILENT = new Set(["limit", "order_by", "open_only", "record"]);
const IDS = new Set(["ref", "account", "deal", "contact", "activity"]);
const MEANINGS = {
  owner: (value) => (value === "me" ? "yours" : `of ${value}`),
  close_from: (value) => `closing from ${dayWords(value)}`,
  close_to: (value) => `closing to ${dayWords(value)}`,
  day_from: (value) => `from ${dayWords(value)}`,
  day_to: (value) => `to ${dayWords(value)}`,
  since: (value) => `since ${dayWords(value)}`,
  not_contacted_since: (value) => `not contacted since ${dayWords(value)}`,
  due: (value) => `due ${dayWords(value)}`,
  days: (value) => count(value, "day"),
  group_by: (value) => `by ${value}`,
  min_amount: (value) => `from ${value.toLocaleString()}`,
  max_amount: (value) => `up to ${value.toLocaleString()}`,
};

/** What a tool was asked, in one line, in words that people use. "" while its arguments are not whole. */
export function argsLine(args) {
  const value = parsedJson(args);
  if (!value || typeof value !== "object") return "";
  const said = Object.entries(value).flatMap(([name, each]) => {
    if (Array.isArray(each) && each.length && each.every((one) => typeof one === "string")) return [each.join(", ")];
    if (!["string", "number"].includes(typeof each) || each === "" || SILENT.has(name) || (IDS.has(name) && /^\d+$/.test(each))) return [];
    if (name === "field") return [];
    if (name === "value" && typeof value.field === "string") return [`${toolWords(value.field)}: ${plainWords(each)}`];
    return [Object.hasOwn(MEANINGS, name) ? MEANINGS[name](each) : plainWords(each)];
  });
  const line = said.join(", ").replace(/\s+/g, " ");
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

/** `at_risk` is "at risk", `2026-11-24` is a day. */
function plainWords(value) {
  const text = String(value);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dayWords(text);
  return /^[a-z]+(_[a-z]+)+$/.test(text) ? text.replaceAll("_", " ") : text;
}

function dayWords(value) {
  const day = new Date(`${value}T12:00:00Z`);
  return Number.isNaN(day.getTime()) ? String(value) : day.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
}

export function parsedJson(text) {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Usage of a run, whichever way the numbers came: the sum of what the agent tells. */
export function usageWords(usage) {
  if (!usage) return { tokens: null, cost: null, model: null };
  const rows = Array.isArray(usage) ? usage : Array.isArray(usage.models) ? usage.models : [usage];
  const read = (row, ...names) => Number(names.map((name) => row[name]).find((value) => value != null) ?? 0);
  let tokens = 0;
  let cost = null;
  const models = new Set();
  for (const row of rows) {
    tokens += read(row, "input_tokens", "inputTokens") + read(row, "output_tokens", "outputTokens");
    tokens += read(row, "cache_read_tokens", "cacheReadTokens", "cachedInputTokens");
    tokens += read(row, "cache_write_tokens", "cacheWriteTokens", "cacheWriteInputTokens");
    if (row.cost != null) cost = (cost ?? 0) + Number(row.cost);
    if (row.model) models.add(row.model);
  }
  const model = [...models].map(modelWords).join(", ") || null;
  return { tokens: tokens || null, cost: cost === null ? null : money(cost), model };
}

/** US dollars, with as many digits as make a small amount readable. */
export function money(amount) {
  if (amount === 0) return "$0";
  if (amount < 0.0001) return "under $0.0001";
  return `$${amount.toFixed(amount < 0.01 ? 4 : amount < 1 ? 3 : 2)}`;
}

export function isStandIn(model) {
  return /stand[-_ ]?in/i.test(model ?? "");
}

/** `claude-sonnet-5-5` is "Claude Sonnet 5.5". */
export function modelWords(model) {
  if (isStandIn(model)) return "stand-in model";
  const match = /^claude-([a-z]+)-(\d+)(?:-(\d{1,2}))?(?:-\d{8})?$/.exec(model);
  if (!match) return model;
  const [, family, major, minor] = match;
  return `Claude ${family[0].toUpperCase()}${family.slice(1)} ${major}${minor ? `.${minor}` : ""}`;
}

/** Sentences of a text without its markdown, for being read out. */
export function sentences(text) {
  const plain = text
    .replace(/```[\s\S]*?(```|$)/g, " (code) ")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*\|?[\s:|-]+\|?\s*$/gm, " ")
    .replace(/^#+\s*/gm, "")
    .replace(/[*_`]+/g, "")
    .replace(/[|>]+/g, " ");
  return plain
    .split(/(?<=[.!?。！？])\s+|\n{2,}|\n(?=\s*(?:[-*]|\d+\.)\s)/)
    .map((sentence) => sentence.replace(/\s+/g, " ").trim())
    .filter(Boolean);
}

/** How long there still is, coarse enough to be read at a glance. */
export function timeLeft(ms) {
  if (ms <= 0) return "time is over";
  const minutes = Math.ceil(ms / 60_000);
  if (minutes < 60) return minutes === 1 ? "under a minute left" : `${minutes} min left`;
  const hours = Math.round(ms / 3_600_000);
  if (hours < 48) return `${hours} h left`;
  return `${Math.round(ms / 86_400_000)} days left`;
}

/** A name inside a sentence. */
export function inSentence(name) {
  return name === "You" ? "you" : name;
}

/** The receipt of a stop: who did it, and by what. */
export function stoppedWords(stopped, name) {
  if (!stopped) return "Stopped";
  if (stopped.reason === "interrupt") return name === "You" ? "Interrupted by your message" : `Interrupted by a message from ${name}`;
  if (stopped.reason === "removed") return "Stopped: who asked for it left this chat";
  if (stopped.reason === "takeover") return name === "You" ? "Stopped: you took control" : `Stopped: ${name} took control`;
  return `Stopped by ${inSentence(name)}`;
}

/** Usage of all runs of a session. */
export function totalUsage(runs) {
  return usageWords(Object.values(runs).flatMap(usageRows));
}

const usageRows = ({ usage }) => (Array.isArray(usage) ? usage : (usage?.models ?? (usage ? [usage] : [])));

/** Usage of a run with all its sub-agents, as rows, and how many those are. A run's own `usage` holds none of theirs. */
export function usageWithin(runs, id) {
  const found = [id];
  for (const above of found) found.push(...Object.keys(runs).filter((each) => runs[each].parent === above));
  return { rows: found.flatMap((each) => usageRows(runs[each])), helpers: found.length - 1 };
}
