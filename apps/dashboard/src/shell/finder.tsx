import { type SyntheticEvent, useEffect, useId, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useMay } from '../session/session.js';
import { areas } from './areas.js';

interface Target {
  readonly label: string;
  readonly to: string;
}

/** Leads to what an id names, and to areas by their names; `/` and Ctrl+K lead here. */
export function Finder() {
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState(0);
  const [isOpen, setIsOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const navigate = useNavigate();
  const targets = useTargets(text.trim());
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null;
      if (!(event.key === 'k' && (event.ctrlKey || event.metaKey)) && !(event.key === '/' && !isTyping)) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const go = (target: Target | undefined) => {
    if (target === undefined) return;
    setText('');
    setIsOpen(false);
    input.current?.blur();
    void navigate(target.to);
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    go(targets[chosen]);
  };
  const move = (by: number) => setChosen((chosen + by + targets.length) % Math.max(targets.length, 1));
  return (
    <search className="finder">
      <form onSubmit={submit}>
        <input
          ref={input}
          type="search"
          role="combobox"
          aria-label="Find by id or name"
          aria-expanded={isOpen && targets.length > 0}
          aria-controls={listId}
          aria-activedescendant={isOpen && targets.length > 0 ? `${listId}-${chosen}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder="Find by id or name  ( / )"
          value={text}
          onFocus={() => setIsOpen(true)}
          onBlur={() => setIsOpen(false)}
          onChange={(event) => {
            setText(event.target.value);
            setChosen(0);
            setIsOpen(true);
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
              event.preventDefault();
              move(event.key === 'ArrowDown' ? 1 : -1);
            } else if (event.key === 'Escape') {
              setText('');
              input.current?.blur();
            }
          }}
        />
      </form>
      <div id={listId} role="listbox" aria-label="Found" hidden={!isOpen || targets.length === 0}>
        {targets.map((target, index) => (
          // The focus stays in the field, from where the keyboard chooses.
          <div
            key={target.to}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onPointerDown={(event) => {
              event.preventDefault();
              go(target);
            }}
          >
            {target.label}
          </div>
        ))}
      </div>
    </search>
  );
}

function useTargets(text: string): readonly Target[] {
  const may = useMay();
  const seen = areas.filter(({ needs }) => may(needs));
  const named = seen.flatMap(({ title, ids = {} }) =>
    Object.entries(ids).flatMap(([start, to]) =>
      text.startsWith(start) && text.length > start.length ? [{ label: `${title}: ${text}`, to: to(text) }] : [],
    ),
  );
  const titled = seen.flatMap(({ title, path }) =>
    title.toLowerCase().includes(text.toLowerCase()) ? [{ label: title, to: `/${path}` }] : [],
  );
  return [...named, ...titled];
}
