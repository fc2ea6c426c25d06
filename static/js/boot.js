// Loads htmx from this server when the CDN does not deliver it. The htmx tag says where: data-cdn data-local="<url>".
(function () {
  "use strict";

  const PATIENCE_MS = 1500;
  const tag = document.querySelector("script[data-cdn][data-local]");
  if (!tag) return;
  let asked = false;

  function loadLocal() {
    if (asked || window.htmx) return;
    asked = true;
    // A tag that moved to another document never runs: a late answer of the CDN must not start a second htmx.
    document.implementation.createHTMLDocument("").adoptNode(tag);
    const script = document.createElement("script");
    script.src = tag.dataset.local;
    document.head.append(script);
  }

  tag.addEventListener("error", loadLocal);
  // The tag may have failed, or still hang, before this script ran: then no error event comes any more.
  window.setTimeout(loadLocal, PATIENCE_MS);
})();
