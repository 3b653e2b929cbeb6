export { extractLeads } from './extract-leads.js';
export { extractWindow } from './extract-window.js';
