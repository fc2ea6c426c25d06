// What the script may not do. Each rule stands here because breaking it has a price on our pages; taste is left out.
const IN_A_PAGE = ["document", "window", "Element", "Event"];
const IN_NODE = ["console", "process", "URL"];
const known = (names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

const rules = {
  // a slip of the pen that still runs
  "no-undef": "error",
  "no-unused-vars": "error",
  "no-shadow": "error",
  "no-const-assign": "error",
  "no-dupe-keys": "error",
  "no-unreachable": "error",
  "no-self-assign": "error",
  "use-isnan": "error",
  "no-var": "error",
  "prefer-const": "error",
  "eqeqeq": "error", // "" == 0 is true, and an empty field is not a zero
  "no-loss-of-precision": "error", // amounts are BigInt for this reason
  // text becomes code: the content security policy refuses it, in the browser of the user
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-new-func": "error",
  "no-script-url": "error",
  // text becomes markup: what somebody typed would be drawn as theirs
  "no-restricted-properties": ["error",
    ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({ property, message: "Use textContent." })),
    { object: "document", property: "write", message: "Use append." },
  ],
  "max-len": ["error", { code: 160 }], // as tests/architecture/test_source.py asks of templates
};

export default [
  { files: ["static/js/*.js"], languageOptions: { globals: known(IN_A_PAGE) }, rules: { ...rules, "no-console": "error" } },
  { files: ["static/js/boot.js"], languageOptions: { sourceType: "script" } },
  { files: ["tests/frontend/*.js"], languageOptions: { globals: known(IN_NODE) }, rules },
];
