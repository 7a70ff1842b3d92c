/** One JavaScript file with the compiler, TensorFlow.js and a training, for engines that are not Deno. */
import * as esbuild from "esbuild";
import { fileURLToPath } from "node:url";

/** Where Deno keeps the files of npm packages. */
const PACKAGES: Readonly<Record<string, string>> = {
  "@tensorflow/tfjs": "@tensorflow/tfjs/dist/tf.fesm.js",
  leven: "leven",
};

/** Bundles `code`, which may import `./portable_step.ts`, as one script. */
export async function bundle(code: string, platform: "node" | "browser"): Promise<string> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: code, loader: "ts", resolveDir: import.meta.dirname! },
    bundle: true,
    platform,
    format: platform === "node" ? "cjs" : "iife",
    target: "es2022",
    // TensorFlow.js asks for them in functions that are not called here.
    external: ["fs", "node-fetch", "string_decoder"],
    write: false,
    logLevel: "error",
    logOverride: { "empty-import-meta": "silent" }, // only where BLAS is looked for, in Deno
    plugins: [{
      name: "npm packages",
      setup: (build) =>
        build.onResolve({ filter: /^(@tensorflow\/tfjs|leven)$/ }, ({ path }) => ({
          path: fileURLToPath(import.meta.resolve(PACKAGES[path]!)),
        })),
    }],
  });
  await esbuild.stop();
  return outputFiles[0]!.text;
}
