/**
 * Copies rows of the left operand of a matrix product into tiles that the inner loop reads in order.
 *
 * In a tile the elements of one step lie together, row by row, so that one load fetches four of them.
 * @module
 */
import {
  type Callee,
  type FunctionBuilder,
  i32,
  type Local,
  type SharedFunctions,
  v128,
} from "../../wasm/mod.ts";
import { transpose } from "./pack.ts";

/** The sizes of tiles, and of the matrix that they are packed from. */
export interface LeftTiles {
  /** The rows of one tile. */
  readonly rows: number;
  /** Bytes from one row of the matrix to the next. */
  readonly rowBytes: number;
  /** The bytes that a row takes in a tile. */
  readonly packedBytes: number;
}

const PARAMETERS = { from: "i32", to: "i32", count: "i32", steps: "i32" } as const;

/** Returns the function `(from, to, count, steps)` that packs `count` rows, which are whole tiles. */
export function packLeftFunction(module: SharedFunctions, tiles: LeftTiles): Callee {
  const { rows, rowBytes, packedBytes } = tiles;
  const name = `pack tiles of ${rows} rows of ${rowBytes} into ${packedBytes} bytes`;
  return module.shared({ name, params: PARAMETERS }, (f, { from, to, count, steps }) => {
    const rounds = f.let(i32.shrU(steps, 2));
    const rest = f.let(i32.and(steps, 3));
    f.loop({ to: count, step: rows }, (row) => {
      const source = f.let(i32.add(from, i32.mul(row, rowBytes)));
      const target = f.let(i32.add(to, i32.mul(row, packedBytes)));
      f.loop({ to: rounds }, () => {
        packFourSteps(f, tiles, source, target);
        f.set(source, i32.add(source, 16));
        f.set(target, i32.add(target, 16 * rows));
      });
      f.loop({ to: rest }, () => {
        packStep(f, tiles, source, target);
        f.set(source, i32.add(source, 4));
        f.set(target, i32.add(target, 4 * rows));
      });
    });
  });
}

/** Packs four steps of a tile: squares of four by four are transposed, other rows are copied lane by lane. */
function packFourSteps(
  f: FunctionBuilder,
  { rows, rowBytes }: LeftTiles,
  from: Local<"i32">,
  to: Local<"i32">,
): void {
  f.scope(() => {
    const read = Array.from({ length: rows }, (_, row) => f.let(v128.load(from, row * rowBytes)));
    const squares = rows - rows % 4;
    for (let row = 0; row < squares; row += 4) {
      transpose(f, read.slice(row, row + 4)).forEach((quad, step) => {
        f.store.v128(to, quad, 4 * (step * rows + row));
      });
    }
    for (let row = squares; row < rows; row++) {
      for (let index = 0; index < 4; index++) {
        const vector = read[row] as Local<"v128">;
        f.store.lane32(to, { vector, index }, 4 * (index * rows + row));
      }
    }
  });
}

function packStep(
  f: FunctionBuilder,
  { rows, rowBytes }: LeftTiles,
  from: Local<"i32">,
  to: Local<"i32">,
): void {
  for (let row = 0; row < rows; row++) {
    f.store.i32(to, i32.load(from, row * rowBytes), 4 * row);
  }
}
