/** Where the talk page begins: `make bundles` makes one file of all that it imports. */
import "./main.js";
import "./way-back.js";
