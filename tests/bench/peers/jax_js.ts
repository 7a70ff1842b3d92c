/**
 * Peer with jax-js: each iteration is one `jit` of all three updates, on its WebAssembly device.
 * Its functions consume their arguments; `.ref` keeps an array that is used again.
 */

import { type Array as Arr, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { defaultRandom, generate1010 } from "../../../lib/data/mod.ts";
import {
  batchSize,
  checkValues,
  dataRows,
  inputShapes,
  latentSize,
  leakySlope,
  pixels,
  reader,
  type WorkloadName,
  workloads,
} from "../workloads.ts";
import { type Open, serve, type Session, workloadOf } from "./serve.ts";

const refs = (arrays: Arr[]) => arrays.map((array) => array.ref);
const array = (values: Float32Array, shape: readonly number[]) =>
  np.array(values as Float32Array<ArrayBuffer>).reshape([...shape]);
const parametersFrom = (name: WorkloadName, values: Float32Array[]) =>
  values.map((numbers, i) => array(numbers, workloads[name].parameters[i]!));

type Net = (parameters: Arr[], x: Arr) => Arr;

/** Applies two dense layers; every argument is consumed. */
function twoLayers(hidden: (x: Arr) => Arr): Net {
  return ([k0, b0, k1, b1], x) =>
    nn.sigmoid(np.matmul(hidden(np.matmul(x, k0!).add(b0!)), k1!).add(b1!));
}

const patternNet = twoLayers(nn.sigmoid);
const imageNet = twoLayers((x) => nn.leakyRelu(x, leakySlope));

/** Computes the mean squared distance from one target. */
const distance = (outputs: Arr, target: number) => np.mean(np.square(outputs.sub(target)));

/** Computes loss and gradients of D's update, and of G's through D. */
function losses(net: Net) {
  const d = (parameters: Arr[], x: Arr, target: number) => distance(net(parameters, x), target);
  const g = (parameters: Arr[], judge: Arr[], z: Arr) =>
    distance(net(judge, net(parameters, z)), 1);
  return {
    onReal: valueAndGrad((p: Arr[], x: Arr) => d(p, x, 1)),
    onFake: valueAndGrad((p: Arr[], x: Arr) => d(p, x, 0)),
    ofG: valueAndGrad(g),
  };
}

function patternStep() {
  const { onReal, onFake, ofG } = losses(patternNet);
  const descend = (parameters: Arr[], gradients: Arr[]) =>
    parameters.map((parameter, i) => parameter.sub(gradients[i]!.mul(0.01)));
  return jit((d: Arr[], g: Arr[], real: Arr) => {
    const [realLoss, realGrads] = onReal(refs(d), real);
    d = descend(d, realGrads as Arr[]);
    const [fakeLoss, fakeGrads] = onFake(refs(d), patternNet(refs(g), np.full([1, 1], 0.5)));
    d = descend(d, fakeGrads as Arr[]);
    const [gLoss, gGrads] = ofG(refs(g), refs(d), np.full([1, 1], 0.5));
    g = descend(g, gGrads as Arr[]);
    return [d, g, np.stack([realLoss, fakeLoss, gLoss])] as [Arr[], Arr[], Arr];
  });
}

function openPattern(): Session {
  const step = patternStep(), progress: { d: number[]; g: number[] } = { d: [], g: [] };
  let d: Arr[] = [], g: Arr[] = [], counter = 0;
  const iterate = (real: Float32Array) => {
    const [nextD, nextG, loss] = step(d, g, array(real, [1, 4]));
    [d, g] = [nextD, nextG];
    return loss.dataSync(); // reading each time keeps the queue of pending work short: faster
  };
  return {
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) {
        const loss = iterate(generate1010());
        if (++counter % 5 === 0) progress.d.push(loss[1]!); // D's every tenth: the fake ones
        if (counter % 10 === 0) progress.g.push(loss[2]!);
      }
    },
    setParameters: (values) => {
      const all = parametersFrom("w1", values);
      [d, g] = [all.slice(0, 4), all.slice(4)];
    },
    losses: ([real]) => [...iterate(real!)] as number[],
  };
}

interface AdamState {
  readonly parameters: Arr[];
  readonly m: Arr[];
  readonly v: Arr[];
}

/** Makes one Adam update; `scales` are 1 / (1 - beta^step) for both moments. */
function adam({ parameters, m, v }: AdamState, gradients: Arr[], scales: Arr[]): AdamState {
  const first = m.map((old, i) => old.mul(0.9).add(gradients[i]!.ref.mul(0.1)));
  const second = v.map((old, i) => old.mul(0.999).add(np.square(gradients[i]!).mul(0.001)));
  const next = parameters.map((parameter, i) => {
    const root = np.sqrt(second[i]!.ref.mul(scales[1]!.ref)).add(1e-7);
    return parameter.sub(first[i]!.ref.mul(scales[0]!.ref).mul(1e-4).div(root));
  });
  scales.forEach((scale) => scale.dispose());
  return { parameters: next, m: first, v: second };
}

type State = { parameters: Arr[]; m: Arr[]; v: Arr[] };

function imageStep() {
  const { onReal, onFake, ofG } = losses(imageNet);
  return jit((d: State, g: State, inputs: Arr[], scales: Arr[]) => {
    const [real, noiseD, noiseG] = inputs as [Arr, Arr, Arr];
    const [realLoss, realGrads] = onReal(refs(d.parameters), real);
    d = adam(d, realGrads as Arr[], scales.slice(0, 2));
    const [fakeLoss, fakeGrads] = onFake(refs(d.parameters), imageNet(refs(g.parameters), noiseD));
    d = adam(d, fakeGrads as Arr[], scales.slice(2, 4));
    const [gLoss, gGrads] = ofG(refs(g.parameters), refs(d.parameters), noiseG);
    g = adam(g, gGrads as Arr[], scales.slice(4));
    return [d, g, np.stack([realLoss, fakeLoss, gLoss])] as [State, State, Arr];
  });
}

function freshState(parameters: Arr[]): State {
  const zeros = () => parameters.map((parameter) => np.zeros(parameter.shape));
  return { parameters, m: zeros(), v: zeros() };
}

/** Computes the scales of both moments for D's two steps and G's step of an iteration. */
function adamScales(iteration: number): Arr[] {
  const both = (step: number) => [1 / (1 - 0.9 ** step), 1 / (1 - 0.999 ** step)];
  return [...both(iteration * 2 + 1), ...both(iteration * 2 + 2), ...both(iteration + 1)]
    .map((scale) => np.array(scale));
}

function openImages(): Session {
  const step = imageStep(), size = batchSize * pixels;
  const data = Float32Array.from({ length: dataRows * pixels }, Math.random);
  let d = freshState([]), g = freshState([]), iteration = 0;
  const shapes = inputShapes("w2");
  const iterate = (inputs: Float32Array[]) => {
    const arrays = inputs.map((values, i) => array(values, shapes[i]!));
    const [nextD, nextG, loss] = step(d, g, arrays, adamScales(iteration++));
    [d, g] = [nextD, nextG];
    return loss;
  };
  const normal = () => {
    const noise = new Float32Array(batchSize * latentSize);
    defaultRandom().fillNormal(noise);
    return noise;
  };
  return {
    run: (iterations) => {
      for (let i = 0; i < iterations; i++) {
        const at = (iteration % (dataRows / batchSize)) * size;
        const loss = iterate([data.slice(at, at + size), normal(), normal()]);
        loss.dataSync(); // reading with its worker threads (`await loss.data()`) is slower here
      }
    },
    setParameters: (values) => {
      const all = parametersFrom("w2", values);
      [d, g, iteration] = [freshState(all.slice(0, 4)), freshState(all.slice(4)), 0];
    },
    losses: (inputs) => [...iterate(inputs).dataSync()] as number[],
  };
}

/** Opens W1 or W2 with weights in PyTorch's initial distribution. */
export const openJaxJs: Open = (name: WorkloadName) => {
  const session = name === "w1" ? openPattern() : openImages();
  session.setParameters(workloads[name].parameters.map(reader(checkValues(name))));
  return session;
};

if (import.meta.main) await serve("jax-js 0.1.25", workloadOf(openJaxJs));
