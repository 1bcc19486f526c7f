// What the console's buttons do: they ask once, with the admin token, and tell what came of it.
"use strict";

const dialog = document.getElementById("token-dialog");
const token = document.getElementById("token");
const told = document.getElementById("told");

function askForToken(question) {
  document.getElementById("token-question").textContent = question;
  token.value = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "go" ? token.value : null), { once: true });
  });
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1000));
const mostTries = 60;

async function send(path, key, options) {
  const answer = await fetch(path, { ...options, headers: { Authorization: `Bearer ${key}`, ...options.headers } });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  throw new Error(body.detail || body.title || `HTTP ${answer.status}`, { cause: answer.status });
}

// A run ends with a rollout, which takes away the replica that was asked before. The next one knows the run as well.
async function sendUntilAnswered(path, key) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(path, key, {});
    } catch (error) {
      const isAway = error instanceof TypeError || error.cause >= 502;
      if (!isAway || tries === mostTries) throw error;
    }
    await pause();
  }
}

async function follow(url, key) {
  const panel = document.getElementById("progress");
  panel.hidden = false;
  for (;;) {
    const run = await sendUntilAnswered(url, key);
    document.getElementById("progress-state").textContent = run.outcome || run.state;
    document.getElementById("progress-log").textContent = run.messages.join("\n");
    if (run.state !== "running") {
      told.textContent = run.error || run.outcome || run.state;
      return;
    }
    await pause();
  }
}

async function act(button) {
  const key = await askForToken(button.dataset.question);
  if (!key) return;
  button.disabled = true;
  told.textContent = "";
  try {
    const body = button.dataset.body;
    const headers = body ? { "Content-Type": "application/json" } : {};
    const answer = await send(button.dataset.post, key, { method: "POST", body, headers });
    if (answer.url) await follow(answer.url, key);
    else location.reload();
  } catch (error) {
    told.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

async function showLog(button) {
  const key = await askForToken(button.dataset.question);
  if (!key) return;
  told.textContent = "";
  try {
    const log = await send(button.dataset.log, key, {});
    document.getElementById("log-lines").textContent = log.lines.join("\n");
    document.getElementById("log-dialog").showModal();
  } catch (error) {
    told.textContent = error.message;
  }
}

for (const button of document.querySelectorAll("button[data-log]")) {
  button.addEventListener("click", () => showLog(button));
}
for (const button of document.querySelectorAll("button[data-post]")) {
  button.addEventListener("click", () => act(button));
}
