// node build.mjs web|android: exports the app, unless what was exported last is of these sources.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDERS = { web: "dist", android: ".android" };
const SOURCES = ["app.json", "build.mjs", "index.ts", "package-lock.json", "public", "src", "tsconfig.json"];

const platform = process.argv[2];
const folder = FOLDERS[platform];
if (!folder) {
  console.error("build.mjs: say web or android");
  process.exit(2);
}
process.chdir(import.meta.dirname);
const mark = join(folder, ".sources");
const now = digest(SOURCES);
if (existsSync(mark) && readFileSync(mark, "utf8") === now) {
  touch(folder);
  console.log(`${folder} is of these sources already`);
} else {
  const bin = (name) => join("node_modules", ".bin", name);
  const env = { ...process.env, CI: "1", EXPO_OFFLINE: "1", EXPO_NO_TELEMETRY: "1" };
  run(bin("tsc"), ["--noEmit"], env);
  run(bin("expo"), ["export", "-p", platform, "--output-dir", folder], env);
  writeFileSync(mark, now);
}

function run(program, args, env) {
  try {
    execFileSync(program, args, { env, stdio: "inherit" });
  } catch (error) {
    process.exit(error.status ?? 1); // it has told why
  }
}

function digest(paths) {
  const hash = createHash("sha256");
  const add = (path) => {
    if (statSync(path).isDirectory()) readdirSync(path).sort().forEach((name) => add(join(path, name)));
    else hash.update(`${path}\0`).update(readFileSync(path)).update("\0");
  };
  paths.forEach(add);
  return hash.digest("hex");
}

// Whoever compares times sees that it is up to date.
function touch(path) {
  const index = join(path, "index.html");
  if (existsSync(index)) utimesSync(index, new Date(), new Date());
}
