/** Converts nsfwjs' MobileNetV2Mid to ONNX, into models/moderation-nsfw: `npm run convert -w @darkroom/convert-nsfwjs`. */
import { fileURLToPath } from 'node:url';
import { convertGraph } from './convert-graph.js';
import { readWeights } from './graph-model.js';
import { writeModelFolder } from './model-folder.js';
import { loadNsfwjs } from './nsfwjs.js';
import { encodeOnnx } from './onnx-file.js';
import { drawReferencePictures } from './reference-pictures.js';

const side = 224;
const folder = fileURLToPath(new URL('../../../models/moderation-nsfw/', import.meta.url));

console.error('installing nsfwjs and TensorFlow.js into tools/convert-nsfwjs/reference (about 335 MB)');
const nsfwjs = await loadNsfwjs(fileURLToPath(new URL('../reference/', import.meta.url)));

console.error(`converting MobileNetV2Mid of nsfwjs ${nsfwjs.version}`);
const entries = nsfwjs.model.weightsManifest.flatMap(({ weights }) => weights);
const graph = convertGraph(nsfwjs.model.modelTopology.node, readWeights(entries, nsfwjs.shards), {
  name: 'nsfwjs_mobilenet_v2_mid',
  doc: `MobileNetV2Mid of nsfwjs ${nsfwjs.version} (MIT, Infinite Red), converted from TensorFlow.js.`,
  inputShape: [side, side, 3],
  classCount: nsfwjs.classes.length,
});

const verdicts = [];
for (const picture of drawReferencePictures()) {
  console.error(`asking the original about ${picture.name}`);
  verdicts.push({ picture, probabilities: await nsfwjs.classify(picture) });
}

await writeModelFolder(folder, {
  model: encodeOnnx(graph),
  config: {
    name: 'moderation-nsfw',
    architecture: 'nsfwjs MobileNetV2Mid',
    source: `nsfwjs ${nsfwjs.version}`,
    input_name: graph.inputs[0]?.name,
    output_name: graph.outputs[0]?.name,
    input_size: side,
    input_layout: 'NHWC',
    resize: 'bilinear, corners aligned',
    classes: nsfwjs.classes,
    // Both classes of explicit pictures count together; what is merely suggestive is only reported.
    rules: [
      { category: 'sexual', reason: 'explicit', classes: ['porn', 'hentai'], threshold: 0.5, severity: 3 },
      { category: 'sexual', reason: 'suggestive', classes: ['sexy'], threshold: 0.5, severity: 1 },
    ],
  },
  licence: nsfwjs.licence,
  computedBy: `TensorFlow.js ${nsfwjs.tensorFlowVersion}, cpu backend`,
  verdicts,
});
console.error(`wrote ${folder}`);
