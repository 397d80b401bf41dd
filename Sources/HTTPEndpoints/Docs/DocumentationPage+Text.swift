// Made by scripts/embed-page from page.html. Change that, and run it again.
// swift-format-ignore-file

extension DocumentationPage {
    /// The hash of the page's script (CSP level 3, section 2.3.1).
    static let scriptHash = "sha256-XUipE9cSefxu7mlBx9+3Ep4gIGOsCcIR5aBT8NTzeRE="
    /// The hash of the page's style.
    static let styleHash = "sha256-r0kiy+G1kkdD7rptm6SrrpyqC6jDXJLEwcDwsgkrQCE="

    /// The page. Part of the program, so that it needs no file beside it.
    static let text = ###"""
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>HTTP API</title>
<link rel="icon" href="data:,">
<style>
:root {
  color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #14171c); --card: light-dark(#ffffff, #1c2027); --sunk: light-dark(#f1f3f6, #12151a);
  --line: light-dark(#dde1e7, #303742); --ink: light-dark(#1b2129, #e4e8ee); --soft: light-dark(#5a6675, #9aa6b5);
  --accent: light-dark(#0b62c4, #6cb2ff); --on-accent: light-dark(#ffffff, #0b1420);
  --good: light-dark(#157347, #63d39b); --bad: light-dark(#b3261e, #ff8d84); --warn: light-dark(#8a5a00, #f2c063);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .4rem .8rem; z-index: 1; }
header, main, footer { max-width: 58rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; padding-bottom: .5rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.02em; }
h1 small { font-size: .85rem; font-weight: 500; color: var(--soft); letter-spacing: 0; vertical-align: middle;
  border: 1px solid var(--line); border-radius: 99px; padding: .15rem .6rem; margin-left: .4rem; white-space: nowrap; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .8rem; }
h3 { font-size: .95rem; margin: 1.4rem 0 .5rem; }
p { margin: .4rem 0; max-width: 68ch; }
a { color: var(--accent); }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.1rem; margin-top: .8rem; font-size: .95rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
code, pre, input, textarea, .path { font-family: var(--mono); font-size: .875rem; }
.soft { color: var(--soft); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; margin: .6rem 0; overflow: clip; }
summary { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .8rem; padding: .8rem 1rem; cursor: pointer;
  list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::after { content: ""; width: .5rem; height: .5rem; margin-left: auto; flex: none; border: solid var(--soft);
  border-width: 0 2px 2px 0; transform: rotate(45deg) translate(-2px, -2px); }
details[open] > summary::after { transform: rotate(-135deg) translate(-2px, -2px); }
summary:hover { background: var(--sunk); }
summary:focus-visible { outline-offset: -3px; border-radius: 12px; }
.method { font: 700 .75rem/1 var(--mono); color: var(--on-accent); background: var(--accent); border-radius: 6px;
  padding: .4rem .55rem; }
.path { font-weight: 600; font-size: .95rem; overflow-wrap: anywhere; }
.title { color: var(--soft); }
.inside { padding: .2rem 1rem 1.1rem; border-top: 1px solid var(--line); }
.field { display: grid; grid-template-columns: 12rem 1fr; gap: .2rem 1rem; align-items: start; margin: .9rem 0; }
.field label { font-weight: 600; padding-top: .45rem; grid-row: span 2; }
.field label span { font-weight: 400; color: var(--soft); font-size: .85rem; display: block; }
.field p { grid-column: 2; margin: .1rem 0 0; font-size: .9rem; }
input, textarea { width: 100%; padding: .55rem .7rem; color: inherit; background: var(--sunk); border: 1px solid var(--line);
  border-radius: 8px; font-size: 1rem; }
input[aria-invalid="true"], textarea[aria-invalid="true"] { border-color: var(--bad); border-width: 2px; }
button { font: 600 1rem/1 inherit; font-family: inherit; padding: .7rem 1.3rem; border: 0; border-radius: 8px; cursor: pointer;
  color: var(--on-accent); background: var(--accent); min-height: 2.75rem; }
button:hover { filter: brightness(1.08); }
button[disabled] { opacity: .6; cursor: progress; }
button.plain { background: none; color: var(--accent); padding: .7rem .6rem; }
pre { margin: .5rem 0; padding: .8rem 1rem; background: var(--sunk); border: 1px solid var(--line); border-radius: 8px;
  white-space: pre-wrap; overflow-wrap: anywhere; max-height: 28rem; overflow: auto; line-height: 1.5; }
.status { font-weight: 700; }
.status.good { color: var(--good); } .status.bad { color: var(--bad); } .status.warn { color: var(--warn); }
.result summary { padding: .5rem 0; color: var(--soft); font-size: .92rem; }
.result summary:hover { background: none; color: var(--ink); }
.wrong { color: var(--bad); margin: .3rem 0; padding-left: 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: .85rem; }
td:first-child { white-space: nowrap; }
footer { padding-top: 1.5rem; padding-bottom: 3rem; font-size: .9rem; }
@media (max-width: 36rem) {
  header { padding-top: 1.5rem; }
  header, main, footer { padding-left: .9rem; padding-right: .9rem; }
  .field { grid-template-columns: 1fr; }
  .field label { grid-row: auto; padding-top: 0; }
  .field p { grid-column: 1; }
  .title { flex-basis: 100%; order: 3; }
  .try button { width: 100%; margin-bottom: .3rem; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
</style>
</head>
<body>
<a class="skip" href="#endpoints">Skip to the endpoints</a>
<header>
  <h1><span id="name">hello</span> <small id="version">HTTP API</small></h1>
  <p id="about" class="soft">Reading the document …</p>
  <nav aria-label="On this page">
    <a href="#endpoints">Endpoints</a> <a href="#errors">Errors</a> <a href="#schemas">Schemas</a>
    <a href="openapi.json">openapi.json</a>
  </nav>
  <noscript><p>This page needs JavaScript. The document itself is at <a href="openapi.json">openapi.json</a>.</p></noscript>
</header>
<main>
  <section aria-labelledby="endpoints"><h2 id="endpoints">Endpoints</h2><div id="operations"></div></section>
  <section aria-labelledby="errors"><h2 id="errors">Errors of every endpoint</h2>
    <p class="soft">Each has the content <code>{"detail": "…"}</code>.</p><div class="card"><div class="inside" id="common"></div></div></section>
  <section aria-labelledby="schemas"><h2 id="schemas">Schemas</h2><div id="definitions"></div></section>
</main>
<footer class="soft">This page is one file, made by the daemon, and asks nobody else for anything.</footer>
<script>
"use strict";
const $ = id => document.getElementById(id);
/** Makes an element; texts become text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child != null));
  return element;
}
const pretty = value => JSON.stringify(value, null, 2);
const quoted = text => "'" + text.replaceAll("'", "'\\''") + "'";
const refName = ref => ref.split("/").pop();

/** What a schema allows, in words. */
function inWords(schema) {
  const words = [schema.type ? [].concat(schema.type).join(" or ") : "any value"];
  if (schema.minLength != null) words.push(`${schema.minLength} to ${schema.maxLength} characters`);
  if (schema.minimum != null) words.push(`${schema.minimum} to ${schema.maximum ?? "any"}`);
  if (schema.pattern) words.push(`pattern ${schema.pattern}`);
  if (schema.enum) words[0] = schema.enum.map(value => JSON.stringify(value)).join(", ");
  if (schema.default != null) words.push(`default ${schema.default}`);
  return words.join(" · ");
}
function schemaLink(schema) {
  return schema?.$ref ? make("a", { href: "#schema-" + refName(schema.$ref) }, refName(schema.$ref)) : schema?.type ?? "";
}
function table(heads, rows) {
  return make("table", {},
    make("thead", {}, make("tr", {}, ...heads.map(head => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows.map(row => make("tr", {}, ...row.map(cell => make("td", {}, cell))))));
}

/** A value that fits a schema, for somebody to change. */
function example(schema, definitions, depth = 0) {
  if (!schema || depth > 6) return null;
  if (schema.$ref) return example(definitions[refName(schema.$ref)], definitions, depth + 1);
  if ("default" in schema) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return example(schema.anyOf[0], definitions, depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") return Object.fromEntries(Object.entries(schema.properties ?? {}).map(
    ([name, part]) => [name, example(part, definitions, depth + 1)]));
  if (type === "array") return [example(schema.items, definitions, depth + 1)];
  if (type === "string") return "World".padEnd(schema.minLength ?? 0, "d").slice(0, schema.maxLength ?? 100);
  if (type === "integer" || type === "number") return Math.max(schema.minimum ?? 0, Math.min(schema.maximum ?? 1, 1));
  return type === "boolean" ? true : null;
}

/** The fields and the button of one operation, and what came of it. */
function tryIt(path, method, operation, definitions) {
  const inputs = new Map();
  const form = make("form", { class: "try", novalidate: true, "aria-label": `Try ${method} ${path}` });
  for (const parameter of operation.parameters ?? []) {
    const id = `${operation.operationId}-${parameter.name}`;
    const input = make("input", {
      id, name: parameter.name, autocomplete: "off", spellcheck: "false", "aria-describedby": id + "-about",
      placeholder: parameter.schema.default, value: parameter.in === "path" ? "World" : null,
      inputmode: parameter.schema.type === "number" ? "decimal" : null,
    });
    inputs.set(parameter, input);
    form.append(make("div", { class: "field" },
      make("label", { for: id }, parameter.name,
        make("span", {}, parameter.in + (parameter.required ? ", required" : ", optional"))),
      input,
      make("p", { id: id + "-about", class: "soft" }, parameter.description + " ", make("code", {}, inWords(parameter.schema)))));
  }
  const content = operation.requestBody?.content["application/json"];
  let body = null;
  if (content) {
    const id = `${operation.operationId}-body`;
    const text = pretty(example(content.schema, definitions));
    body = make("textarea", { id, name: "body", spellcheck: "false", rows: text.split("\n").length + 1, "aria-describedby": id + "-about" });
    body.value = text;
    form.append(make("div", { class: "field" },
      make("label", { for: id }, "body", make("span", {}, "application/json, required")),
      body,
      make("p", { id: id + "-about", class: "soft" }, ...Object.entries(content.schema.properties ?? {}).map(
        ([name, part]) => make("span", {}, make("code", {}, name), ` ${part.description ?? ""} `, make("code", {}, inWords(part)), " ")), schemaLink(content.schema))));
  }
  const send = make("button", {}, "Send");
  const stop = make("button", { type: "button", class: "plain", hidden: true }, "Stop");
  const result = make("div", { role: "status", "aria-live": "polite", class: "result" });
  form.append(send, stop, result);

  let running = null;
  stop.addEventListener("click", () => running?.abort());
  form.addEventListener("submit", async event => {
    event.preventDefault();
    if (running) return;
    let target = path;
    const query = new URLSearchParams();
    const headers = {};
    body?.removeAttribute("aria-invalid");
    for (const [parameter, input] of inputs) {
      input.removeAttribute("aria-invalid");
      if (parameter.in === "header") { if (input.value !== "") headers[parameter.name] = input.value; }
      else if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value !== "") query.append(parameter.name, input.value);
    }
    if (query.size) target += "?" + query;
    const url = new URL(target, location.href);
    const curl = make("pre", { "aria-label": "The same with curl" }, ["curl -i"].concat(method === "GET" ? [] : ["-X " + method],
      Object.entries(headers).map(([name, value]) => "-H " + quoted(`${name}: ${value}`)),
      body ? ["-H 'Content-Type: application/json' -d " + quoted(body.value)] : [], [quoted(url.href)]).join(" "));
    if (body) headers["Content-Type"] = "application/json";
    running = new AbortController();
    send.disabled = true;
    stop.hidden = false;
    result.replaceChildren(make("p", { class: "soft" }, "Waiting for the answer …"), curl);
    const start = performance.now();
    try {
      const response = await fetch(url, { method, headers, body: body?.value, signal: running.signal, cache: "no-store", redirect: "manual" });
      const text = await response.text();
      show(response, text, Math.round(performance.now() - start), curl);
    } catch (error) {
      const stopped = error.name === "AbortError";
      result.replaceChildren(
        make("p", { class: "status " + (stopped ? "warn" : "bad") }, stopped ? "Stopped." : "There was no answer: " + error.message), curl);
    }
    running = null;
    send.disabled = false;
    stop.hidden = true;
  });

  function show(response, text, elapsed, curl) {
    const isJSON = (response.headers.get("content-type") ?? "").includes("json");
    let shown = text, issues = [];
    if (isJSON) {
      try {
        const value = JSON.parse(text);
        shown = pretty(value);
        if (response.status === 422) issues = value.detail;
      } catch { /* shown as it came */ }
    }
    for (const issue of issues) {
      for (const [parameter, input] of inputs) {
        if (issue.loc[0] === parameter.in && issue.loc.includes(parameter.name)) input.setAttribute("aria-invalid", "true");
      }
      if (issue.loc[0] === "body") body?.setAttribute("aria-invalid", "true");
    }
    const kind = response.ok ? "good" : response.status < 500 ? "warn" : "bad";
    result.replaceChildren(
      make("h3", {}, make("span", { class: "status " + kind }, `${response.status} ${response.statusText}`),
        make("span", { class: "soft" }, ` after ${elapsed} ms`)),
      issues.length ? make("ul", { class: "wrong" }, ...issues.map(issue => make("li", {}, `${issue.loc.join(" ")}: ${issue.msg}`))) : null ?? "",
      make("pre", { class: "body", tabindex: "0", "aria-label": "Content of the answer" }, shown.length > 20000 ? shown.slice(0, 20000) + "\n…" : shown),
      make("details", {}, make("summary", {}, "Header fields"),
        make("pre", {}, [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n"))),
      curl);
  }
  return form;
}

function operationCard(path, method, operation, isOpen, definitions) {
  const answers = Object.entries(operation.responses).filter(([, answer]) => !answer.$ref);
  return make("details", { class: "card", id: operation.operationId, open: isOpen },
    make("summary", {}, make("span", { class: "method" }, method.toUpperCase()), make("span", { class: "path" }, path),
      make("span", { class: "title" }, operation.summary)),
    make("div", { class: "inside" },
      make("p", {}, operation.description),
      tryIt(path, method.toUpperCase(), operation, definitions),
      make("h3", {}, "Answers"),
      table(["Status", "Meaning", "Content"], answers.map(([status, answer]) => {
        const [type, content] = Object.entries(answer.content ?? {})[0] ?? ["", {}];
        return [make("code", {}, status), answer.description, make("span", {}, type + " ", schemaLink(content.schema))];
      }))));
}

async function start() {
  const response = await fetch("openapi.json");
  if (!response.ok) throw new Error(`openapi.json: ${response.status}`);
  const api = await response.json();
  $("name").textContent = api.info.title;
  $("version").textContent = `${api.info.version} · OpenAPI ${api.openapi}`;
  $("about").textContent = api.info.description;
  document.title = `${api.info.title}: HTTP API`;
  let isFirst = false;
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      $("operations").append(operationCard(path, method, operation, operation.parameters != null && !isFirst, api.components.schemas));
      isFirst ||= operation.parameters != null;
    }
  }
  const common = Object.values(Object.values(api.paths)[0])[0].responses;
  $("common").append(table(["Status", "Meaning"], Object.entries(common).filter(([, answer]) => answer.$ref)
    .map(([status, answer]) => [make("code", {}, status), api.components.responses[refName(answer.$ref)].description])));
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    $("definitions").append(make("details", { class: "card", id: "schema-" + name },
      make("summary", {}, make("span", { class: "path" }, name)),
      make("div", { class: "inside" }, make("pre", { tabindex: "0", "aria-label": `Schema ${name}` }, pretty(schema)))));
  }
  openTarget();
}
/** A link to something that is folded opens it. */
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
}
addEventListener("hashchange", openTarget);
start().then(() => document.body.dataset.ready = "yes", error => { $("about").textContent = "The document could not be read: " + error.message; });
</script>
</body>
</html>
"""###
}
