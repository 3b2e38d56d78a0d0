import { defineConfig } from "vite";

export default defineConfig({
  base: "./", // the page may stand below any path
  server: { fs: { allow: [".."] } }, // the client of the protocol is html/static/session.js
});
