import { Maximize, Minus, Plus } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useT } from '../../../lib/i18n.ts';
import { IconButton } from '../../../ui/button.tsx';
import { onThemeChange } from '../../../ui/colour.ts';
import type { MapLayout } from './layout.ts';
import { type Paints, paint, paintsOf } from './paint.ts';
import { type Flight, flightOf, placesAt } from './settle.ts';
import { centreOn, fitView, hit, inSight, panBy, type View, zoomAt } from './view.ts';

export interface MapCanvasProps {
  layout: MapLayout;
  /** Bytes a second by endpoint of a peer. */
  rates: ReadonlyMap<string, number>;
  /** Id of the point that is chosen. */
  chosen: string | null;
  onChoose: (id: string | null) => void;
  /** What it shows, in a sentence, for who does not see it. */
  summary: string;
  /** What this node is called. */
  me: string;
}

/**
 * The map on a canvas: drawn when something changed, and never otherwise. All that it tells stands in the list beside it,
 * too; keys here move and zoom.
 */
export function MapCanvas({ layout, rates, chosen, onChoose, summary, me }: MapCanvasProps) {
  const t = useT();
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useRef({ width: 0, height: 0 });
  const view = useRef<View | null>(null);
  /** A person who has looked closer keeps her view when nodes come and go. */
  const own = useRef(false);
  const paints = useRef<Paints | null>(null);
  const flight = useRef<Flight | null>(null);
  const frame = useRef(0);
  const hovered = useRef(-1);
  const [overPoint, setOverPoint] = useState(false);
  const chosenIndex = useMemo(() => layout.points.findIndex((point) => point.id === chosen), [layout, chosen]);
  const rateList = useMemo(
    () => Float64Array.from(layout.points, (point) => rates.get(point.id) ?? 0),
    [layout, rates],
  );
  const latest = useRef({ layout, chosenIndex, rateList, me });
  latest.current = { layout, chosenIndex, rateList, me };

  const draw = useCallback(() => {
    frame.current = 0;
    const element = canvas.current;
    const context = element?.getContext('2d');
    const { width, height } = size.current;
    if (!element || !context || width === 0) return;
    const now = latest.current;
    if (view.current === null || !own.current) view.current = fitView(now.layout.extent, width, height);
    paints.current ??= paintsOf(element);
    flight.current ??= flightOf(null, now.layout, 0);
    const { xs, ys, under } = placesAt(flight.current, performance.now());
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    paint(
      context,
      {
        layout: now.layout,
        xs,
        ys,
        rates: now.rateList,
        view: view.current,
        width,
        height,
        chosen: now.chosenIndex,
        hovered: hovered.current,
        me: now.me,
      },
      paints.current,
    );
    if (under) frame.current = requestAnimationFrame(draw);
  }, []);
  const ask = useCallback(() => {
    if (frame.current === 0) frame.current = requestAnimationFrame(draw);
  }, [draw]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const resize = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      size.current = { width, height };
      element.width = Math.round(width * devicePixelRatio);
      element.height = Math.round(height * devicePixelRatio);
      // At once: a canvas that was given a size is empty.
      draw();
    });
    resize.observe(element);
    const unfollow = onThemeChange(() => {
      paints.current = null;
      ask();
    });
    // Not by React, whose wheel listeners cannot keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      own.current = true;
      if (view.current) {
        view.current = zoomAt(view.current, event.offsetX, event.offsetY, Math.exp(-event.deltaY * lines * 0.0016));
      }
      ask();
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      resize.disconnect();
      unfollow();
      element.removeEventListener('wheel', onWheel);
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [draw, ask]);

  useEffect(() => {
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    hovered.current = -1;
    flight.current = flightOf(still ? null : flight.current, layout, performance.now());
    ask();
  }, [layout, ask]);

  useEffect(() => {
    const point = layout.points[chosenIndex];
    const { width, height } = size.current;
    if (point && view.current && width > 0 && !inSight(view.current, point, width, height)) {
      own.current = true;
      view.current = centreOn(view.current, point, width, height);
    }
    ask();
  }, [chosenIndex, layout, ask]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what changed is drawn; the values are read then
  useEffect(ask, [rateList, me]);

  const zoom = (factor: number) => {
    own.current = true;
    const { width, height } = size.current;
    if (view.current) view.current = zoomAt(view.current, width / 2, height / 2, factor);
    ask();
  };
  const whole = () => {
    own.current = false;
    ask();
  };

  const dragged = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const at = (event: PointerEvent) => ({ x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY });
  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = at(event);
    const drag = dragged.current;
    if (drag) {
      if (!drag.moved && Math.hypot(x - drag.x, y - drag.y) < 4) return;
      if (view.current) view.current = panBy(view.current, x - drag.x, y - drag.y);
      own.current = true;
      dragged.current = { x, y, moved: true };
      ask();
      return;
    }
    const over = view.current ? hit(layout, view.current, x, y) : -1;
    if (over === hovered.current) return;
    hovered.current = over;
    setOverPoint(over > 0);
    ask();
  };
  const onPointerUp = (event: PointerEvent) => {
    const drag = dragged.current;
    dragged.current = null;
    if (!drag || drag.moved || !view.current) return;
    const { x, y } = at(event);
    const index = hit(layout, view.current, x, y);
    onChoose(index > 0 ? (layout.points[index]?.id ?? null) : null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = 48;
    const moves: Record<string, readonly [number, number]> = {
      ArrowLeft: [step, 0],
      ArrowRight: [-step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    const move = moves[event.key];
    if (move && view.current) {
      own.current = true;
      view.current = panBy(view.current, ...move);
      ask();
    } else if (event.key === '+' || event.key === '=') zoom(1.3);
    else if (event.key === '-') zoom(1 / 1.3);
    else if (event.key === '0') whole();
    else if (event.key === 'Escape') onChoose(null);
    else return;
    event.preventDefault();
  };

  return (
    <div className="relative h-full min-h-0 overflow-hidden rounded-lg border border-line">
      <div
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys move and zoom the map
        tabIndex={0}
        aria-label={summary}
        aria-roledescription={t('mesh.map.role')}
        aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown + - 0"
        className="size-full rounded-lg focus-visible:-outline-offset-2"
        onKeyDown={onKeyDown}
      >
        <canvas
          ref={canvas}
          aria-hidden
          className={`block size-full touch-none ${overPoint ? 'cursor-pointer' : 'cursor-grab active:cursor-grabbing'}`}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            dragged.current = { ...at(event), moved: false };
          }}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onPointerCancel={() => {
            dragged.current = null;
          }}
          onPointerLeave={() => {
            if (hovered.current === -1) return;
            hovered.current = -1;
            ask();
          }}
        />
      </div>
      <p className="pointer-events-none absolute start-3 bottom-2 max-w-[70%] text-xs text-ink-soft max-[699px]:hidden">
        {t('mesh.map.legend')}
      </p>
      <div className="absolute end-2 top-2 flex flex-col rounded-md border border-line bg-surface-raised p-0.5">
        <IconButton icon={Plus} size="small" label={t('mesh.map.closer')} onClick={() => zoom(1.4)} />
        <IconButton icon={Minus} size="small" label={t('mesh.map.further')} onClick={() => zoom(1 / 1.4)} />
        <IconButton icon={Maximize} size="small" label={t('mesh.map.whole')} onClick={whole} />
      </div>
    </div>
  );
}
