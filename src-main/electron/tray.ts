import path from 'node:path';
import { Menu, nativeImage, Tray } from 'electron';
import { type TrayCommand, type TrayFacts, trayModel } from './tray-model.ts';

export interface AppTray {
  update(facts: TrayFacts): void;
  destroy(): void;
}

/** The tray icon: state by shape, tooltip with detail, a short menu. A template image on macOS. */
export function createTray(icons: string, run: (command: TrayCommand) => void): AppTray {
  const image = (name: string) => {
    const template = process.platform === 'darwin' ? 'Template' : '';
    return nativeImage.createFromPath(path.join(icons, `tray-${name}${template}.png`));
  };
  const tray = new Tray(image('locked'));
  tray.on('click', () => run('open'));
  return {
    update(facts) {
      const model = trayModel(facts);
      tray.setImage(image(model.icon));
      tray.setToolTip(model.tooltip);
      const items = model.items.map(({ label, command, enabled }) => ({
        label,
        enabled,
        click: () => {
          if (command !== null) run(command);
        },
      }));
      tray.setContextMenu(Menu.buildFromTemplate(items));
    },
    destroy: () => tray.destroy(),
  };
}
