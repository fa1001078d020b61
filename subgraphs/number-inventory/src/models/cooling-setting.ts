/** Cooling settings, one document for each node that sets any; its id is the node's. */
import { defineCollection } from '@numberyard/kit/storage/collection';
import type { Doc } from '@numberyard/kit/storage/port';
import { Schema } from 'mongoose';
import type { CoolingSetting } from '../domain/cooling-settings.js';

export interface CoolingSettingDoc extends Doc, CoolingSetting {}

export const coolingSettings = defineCollection<CoolingSettingDoc>({
  name: 'coolingSettings',
  schema: new Schema({ enabled: String, days: Number }),
});
