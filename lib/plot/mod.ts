/** Pure functions from numbers to Plotly figures. */
export { type Data, Figure, type Layout } from "./figure.ts";
