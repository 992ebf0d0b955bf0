import type { Model } from '@darkroom/client';
import type { Settings } from '../state/settings.js';
import { Choice, Field, Slider } from './fields.js';

interface Props {
  readonly settings: Settings;
  readonly models: readonly Model[];
  readonly model: Model;
  readonly onChange: (differing: Partial<Settings>) => void;
}

const solvers = { euler: 'Euler', heun: 'Heun', dpmpp_2m: 'DPM++ 2M' };
const sigmas = { default: 'Even', karras: 'Karras', exponential: 'Exponential', beta: 'Beta' };

/** What most people leave as it is. */
export function AdvancedSettings({ settings, models, model, onChange }: Props) {
  const { steps, guidance_scale } = model.defaults;
  return (
    <details className="advanced">
      <summary>Advanced</summary>
      <div className="advanced-fields">
        <Choice
          label="Model"
          value={settings.model ?? model.id}
          choices={Object.fromEntries(models.map(({ id }) => [id, id]))}
          onChange={(id) => onChange({ model: id, steps: null, guidanceScale: null })}
        />
        <Slider
          label="Steps"
          value={settings.steps ?? steps}
          range={[1, 50, 1]}
          hint="More take longer and draw finer."
          onChange={(value) => onChange({ steps: value })}
        />
        <Slider
          label="Guidance"
          value={settings.guidanceScale ?? guidance_scale}
          range={[0, 10, 0.5]}
          hint="How closely the picture follows the prompt."
          onChange={(value) => onChange({ guidanceScale: value })}
        />
        <Field label="Leave out">
          {(id) => (
            <input
              id={id}
              type="text"
              value={settings.negativePrompt}
              onChange={({ target }) => onChange({ negativePrompt: target.value })}
            />
          )}
        </Field>
        <Choice
          label="Solver"
          value={settings.solver ?? ''}
          choices={{ '': 'The model’s own', ...solvers }}
          onChange={(solver) => onChange({ solver: solver || null })}
        />
        <Choice
          label="Noise levels"
          value={settings.sigmas ?? ''}
          choices={{ '': 'The model’s own', ...sigmas }}
          onChange={(chosen) => onChange({ sigmas: chosen || null })}
        />
        <button
          type="button"
          className="quiet"
          onClick={() => onChange({ steps: null, guidanceScale: null, solver: null, sigmas: null, negativePrompt: '' })}
        >
          Back to the model’s own
        </button>
      </div>
    </details>
  );
}
