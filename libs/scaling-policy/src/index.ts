export { type ArrivalForecast, forecastArrivals } from './arrivals.js';
export { decide, type FleetState, type Room, type ScalingDecision, type ScalingSettings } from './decide.js';
export { FleetMemory } from './fleet-memory.js';
