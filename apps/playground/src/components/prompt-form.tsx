import type { Model } from '@darkroom/client';
import { type FormEvent, useId } from 'react';
import { randomSeed, type Settings } from '../state/settings.js';
import { AdvancedSettings } from './advanced-settings.js';
import { PictureField } from './picture-field.js';
import { SeedField } from './seed-field.js';
import { ShapePicker } from './shape-picker.js';

interface Props {
  readonly settings: Settings;
  readonly models: readonly Model[];
  readonly isReady: boolean;
  readonly onChange: (settings: Settings) => void;
  readonly onSubmit: () => void;
}

const ideas = [
  'a red apple on a blue background',
  'a yellow cat on a purple background',
  'two green stars on a white background',
  'a castle',
  'a blue car left of a red circle',
];

/** What a picture should be like. */
export function PromptForm({ settings, models, isReady, onChange, onSubmit }: Props) {
  const promptId = useId();
  const model = models.find(({ id }) => id === settings.model) ?? models[0];
  const change = (differing: Partial<Settings>) => onChange({ ...settings, ...differing });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  const isBlank = settings.prompt.trim() === '';
  return (
    <form className="prompt-form" onSubmit={submit}>
      <label htmlFor={promptId}>What would you like to see?</label>
      <textarea
        id={promptId}
        value={settings.prompt}
        rows={3}
        required
        placeholder={ideas[0]}
        onChange={({ target }) => change({ prompt: target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      />
      {isBlank && (
        <ul className="ideas" aria-label="Ideas">
          {ideas.map((idea) => (
            <li key={idea}>
              <button type="button" className="chip" onClick={() => change({ prompt: idea })}>
                {idea}
              </button>
            </li>
          ))}
        </ul>
      )}
      <PictureField
        picture={settings.picture}
        onChange={(picture) => change(picture?.image === settings.picture?.image ? { picture } : { picture, size: null })}
      />
      {model && (
        <ShapePicker
          model={model}
          size={settings.size}
          picture={settings.picture && { ...settings.picture, name: 'As it is' }}
          onChange={(size) => change({ size })}
        />
      )}
      <SeedField
        seed={settings.seed}
        isKept={settings.keepSeed}
        onChange={(seed) => change({ seed })}
        onKeep={(keepSeed) => change({ keepSeed })}
        onRoll={() => change({ seed: randomSeed() })}
      />
      {model && <AdvancedSettings settings={settings} models={models} model={model} onChange={change} />}
      <button type="submit" className="primary" disabled={!isReady || isBlank}>
        Develop
      </button>
      <p className="hint">
        <kbd>Ctrl</kbd> <kbd>Enter</kbd> does the same.
      </p>
    </form>
  );
}
