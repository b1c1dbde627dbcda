import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `npm run dev` finds the API: a running `sonder serve`, or the mock (`npm run mock`). */
const api = process.env.SONDER_URL ?? "http://127.0.0.1:4747";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { port: 4749, proxy: { "/v1": api, "/healthz": api } },
  build: { target: "es2022", sourcemap: false, modulePreload: { polyfill: false } },
});
