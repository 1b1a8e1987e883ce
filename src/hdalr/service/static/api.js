// The server's interface: one place that knows tokens, problems and waiting.

const TOKEN = "hdalr-token";
const LONGEST_WAIT_S = 30;

// What the server answered instead of what was asked for; status 0: it did not answer.
export class Problem extends Error {
  constructor(status, detail = "") {
    super(detail || `status ${status}`);
    this.status = status;
    this.detail = detail;
  }
}

export class Api {
  needsToken = false;

  // `askToken(again)` promises a token or null; `tellWait(seconds)` hears of each wait.
  constructor({ askToken, tellWait }) {
    this.askToken = askToken;
    this.tellWait = tellWait;
  }

  // Whether the next request has to ask for the token.
  get isLocked() {
    return this.needsToken && sessionStorage.getItem(TOKEN) === null;
  }

  models() {
    return this.#json("v1/models");
  }

  // One picture; the answer is a reading.
  read(file, options, signal) {
    return this.#json("v1/read", { method: "POST", body: readingForm(file, options), signal });
  }

  // All pages of one file; the answer is a list of readings with previews, or of {error}.
  async readPages(file, options, signal) {
    const body = readingForm(file, { ...options, preview: "true" });
    return (await this.#json("v1/read/batch", { method: "POST", body, signal })).results;
  }

  // `page`: of a file that may have several; only this one is kept.
  keep(file, { text, reading, options, page }) {
    const body = new FormData();
    body.append("file", file, file.name ?? "writing.png");
    body.append("text", text);
    body.append("consent", "true");
    body.append("reading", JSON.stringify(reading));
    body.append("options", JSON.stringify(options));
    if (page) body.append("page", page);
    return this.#json("v1/feedback", { method: "POST", body });
  }

  async forget(id) {
    await this.#fetch(`v1/feedback/${encodeURIComponent(id)}`, { method: "DELETE" });
  }

  async #json(path, request) {
    return (await this.#fetch(path, request)).json();
  }

  // Sends, and sends again after a wait that the server asks for or with a token.
  async #fetch(path, request = {}) {
    if (this.isLocked) await this.#openUp(false);
    for (let refused = sessionStorage.getItem(TOKEN) !== null; ; ) {
      const response = await send(path, request);
      if (response.ok) return response;
      if (response.headers.has("Retry-After")) {
        await this.#wait(response, request.signal);
      } else if (response.status === 401) {
        sessionStorage.removeItem(TOKEN);
        await this.#openUp(refused);
        refused = true;
      } else {
        throw new Problem(response.status, await detailOf(response));
      }
    }
  }

  async #wait(response, signal) {
    const asked = Number(response.headers.get("Retry-After"));
    const seconds = Math.min(asked > 0 ? asked : 1, LONGEST_WAIT_S); // a date is no number
    this.tellWait(response.status, seconds);
    await pause(1000 * seconds, signal);
  }

  async #openUp(refused) {
    const token = await this.askToken(refused);
    if (token === null) throw new Problem(401);
    sessionStorage.setItem(TOKEN, token);
  }
}

export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

async function send(path, request) {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  try {
    return await fetch(path, { ...request, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0);
  }
}

async function detailOf(response) {
  try {
    return String((await response.json()).detail ?? "");
  } catch {
    return "";
  }
}

function readingForm(file, options) {
  const form = new FormData();
  form.append("file", file, file.name ?? "writing.png");
  form.append("seen", "true");
  for (const [name, value] of Object.entries(options)) form.append(name, value);
  return form;
}
