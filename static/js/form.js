import "./parts.js";
