import { expect } from '@playwright/test';
import { passphrase } from '../harness/person.ts';
import { FirstRun } from '../pages/first-run.ts';
import { Frame } from '../pages/frame.ts';
import type { Chapter } from './chapter.ts';

export const newcomer: Chapter = {
  name: 'first-run',
  async play({ page, agent, shoot }) {
    const first = new FirstRun(page);
    await page.goto(agent.url);
    await expect(first.title('Welcome to Hypha')).toBeVisible();
    await shoot('1-who');
    await first.begin('Ada Lovelace');
    const words = await first.words();
    await shoot('2-words');
    await first.wroteThemDown();
    await first.word((await first.asked())[0] ?? 1).fill('zoo');
    await page.getByRole('button', { name: 'Check the words' }).click();
    await shoot('3-check-wrong');
    await first.checkWords(words);
    await expect(first.passphrase).toBeVisible();
    await shoot('4-protect');
    await first.protect(passphrase, 'Create my identity');
    await expect(first.title('Home')).toBeVisible({ timeout: 30_000 });
    await shoot('5-home');
    await new Frame(page).lock();
    await shoot('6-locked');
    await first.unlock('not the passphrase');
    await expect(page.getByText('This is not the passphrase.')).toBeVisible({ timeout: 30_000 });
    await shoot('7-wrong-passphrase');
    await page.getByRole('button', { name: 'Use my 24 words instead' }).click();
    await expect(first.title('Type your 24 words')).toBeVisible();
    await shoot('8-restore');
  },
};

export const refused: Chapter = {
  name: 'refused',
  async play({ page, agent, shoot }) {
    await page.goto(new URL('/#token=used', agent.url).href);
    await expect(page.getByRole('heading', { name: 'This page may not talk to your agent' })).toBeVisible();
    await shoot('link-used');
  },
};
