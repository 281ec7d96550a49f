import "./recordpage.js";
