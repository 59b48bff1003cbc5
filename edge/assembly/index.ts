export { paint } from "./paint";
export { reduce } from "./reduce";
