/** Where the start page begins: `make bundles` makes one file of all that it imports. */
import "./page.js";
import { keepTurning } from "./turning.js";

keepTurning();
