// Numbers, reasons and problems in plain words.

const REASONS = {
  blank: "There is nothing written here.",
  "not-a-character": "This does not look like a character that I know.",
  ambiguous: "Several readings are about as likely.",
  pattern: "What is written is something else than what may stand here.",
  "low-quality": "The writing is too small, too long or too speckled to be judged.",
};

const PROBLEMS = {
  0: "The server does not answer. Nothing is lost: it is read as soon as the server is back.",
  400: "The server does not take requests from this address.",
  401: "This server asks for a token.",
  403: "The server does not take requests from this address.",
  408: "The file came too slowly.",
  413: "This file is larger than the server takes.",
  415: "This file is not a picture that can be read.",
  422: "This cannot be read.",
  429: "The server is busy.",
  503: "The server is not ready yet.",
};

const ALPHABETS = {
  digits: "Digits 0–9",
  upper: "Capitals A–Z",
  lower: "Small letters a–z",
  letters: "Letters A–Z a–z",
  alphanumeric: "Digits and letters",
  hexadecimal: "Hexadecimal",
  "devanagari-digits": "Devanagari digits ०–९",
  devanagari: "Devanagari क–ज्ञ ०–९",
};

const CHECKS = {
  amount: "An amount of money",
  "date-dmy": "A date, day first",
  "date-iso": "A date, year first",
  "date-mdy": "A date, month first",
  ean13: "Article number (EAN-13)",
  luhn: "Card number (Luhn)",
  mod97: "Bank account (IBAN)",
  verhoeff: "Verhoeff digit",
};

export const nameAlphabet = (name) => ALPHABETS[name] ?? name;
export const nameCheck = (name) => CHECKS[name] ?? name;
export const explainReason = (reason) => REASONS[reason] ?? "This reading is not sure enough.";

export function explainProblem({ status, detail }) {
  const words = PROBLEMS[status] ?? "Something went wrong on the server.";
  return detail ? `${words} (${detail})` : words;
}

// 0.983 as "98%", close to 0 and 1 with a decimal, never "100%".
export function percent(probability) {
  if (probability > 0.9995) return ">99.9%";
  if (probability < 0.0005) return "<0.1%";
  const decimals = probability >= 0.995 || probability < 0.00995 ? 1 : 0;
  return `${(100 * probability).toFixed(decimals)}%`;
}

// How sure that is, as a word for the style sheet.
export function grade(probability) {
  if (probability >= 0.9) return "sure";
  return probability >= 0.5 ? "unsure" : "doubtful";
}
