// What a style sheet may not do. Each rule stands here because breaking it has a price on our pages; taste is left out.
export default {
  rules: {
    // a slip of the pen that the browser passes over in silence
    "annotation-no-unknown": true,
    "at-rule-no-unknown": true,
    "block-no-empty": true,
    "color-no-invalid-hex": true,
    "custom-property-no-missing-var-function": true,
    "function-calc-no-unspaced-operator": true,
    "function-no-unknown": true,
    "media-feature-name-no-unknown": true,
    "property-no-unknown": true,
    "selector-pseudo-class-no-unknown": true,
    "selector-pseudo-element-no-unknown": true,
    "selector-type-no-unknown": true,
    "unit-no-unknown": true,
    // the same said twice: the first of the two is dead
    "declaration-block-no-duplicate-custom-properties": true,
    "declaration-block-no-duplicate-properties": true,
    "declaration-block-no-shorthand-property-overrides": true,
    "no-duplicate-selectors": true,
    "font-family-no-duplicate-names": true,
    // a colour is a token, or at least a number: names are nobody's choice
    "color-named": "never",
    // the content security policy lets nothing in from elsewhere, and what @import names carries no hash of its own
    "function-url-scheme-disallowed-list": ["data", "http", "https"],
    "at-rule-disallowed-list": ["import"],
  },
};
